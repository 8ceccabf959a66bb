"""What each page of the product costs with 150,000 tasks: `make bench-product`.

Seeds one company through the product's own import, starts one instance on a unix socket, and prints the processor time
of the server per request for every page and list, against the bound. Ends with 1 when a page is above it.

Processor time is that of the whole server process by /proc/PID/stat. It counts in ticks of 10 ms, so a round is as many
requests as give some dozens of ticks, and what is printed is the median of the rounds.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio

PRODUCT = Path(__file__).parents[1] / "saas_clone" / "tracker"
BOUND_MS = 50.0
"""Processor time of one page that people call quick on the smallest rented instance."""
ROUNDS = 3
ROUND_MS = 300.0
"""Processor time that a round should take, if nothing else is asked for: thirty ticks."""
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
PASSWORD = "correct horse"
PEOPLE = 60
LABELS = ("bug", "customers", "design", "finance", "idea", "rare")


def document(tasks: int) -> dict[str, Any]:
    """One company: a huge project, thirty usual ones, one where tasks have labels and comments."""
    huge, rich = tasks * 2 // 5, 2000
    each = (tasks - huge - rich) // 30
    people = [
        {"name": f"Person {n}", "email": f"p{n}@example.com", "password": PASSWORD, "role": "member" if n else "owner"}
        for n in range(PEOPLE)
    ]
    projects = [
        {"name": "Huge", "tasks": [_rich(0, "rare")], "bulk_tasks": {"count": huge, "title_prefix": "Card"}},
        *(
            {"name": f"Usual {n}", "bulk_tasks": {"count": each, "title_prefix": f"Work of {n}, number"}}
            for n in range(30)
        ),
        {"name": "Rich", "tasks": [_rich(n, LABELS[n % 5]) for n in range(tasks - huge - 30 * each)]},
    ]
    company = {"name": "Big", "plan": "business", "seats": PEOPLE, "users": people}
    return {"organisations": [{**company, "projects": projects}]}


def _rich(number: int, label: str) -> dict[str, Any]:
    remark = {"author_email": "p1@example.com", "body": "Looked at it, and it is as was said. " * 3}
    return {
        "title": f"Rich task {number}",
        "description": "The usual three sentences about what is wrong, and how we see that it is mended. " * 4,
        "assignee_email": f"p{number % PEOPLE}@example.com",
        "priority": "high",
        "due_on": "2026-03-01",
        "labels": ["customers", label],
        "comments": [remark] * (60 if number == 0 else 2),
    }


@dataclass
class Server:
    """One instance: its process, and a browser and a program that ask it."""

    pid: int
    http: aiohttp.ClientSession
    token: str = ""

    def cpu_ms(self) -> float:
        """Processor time so far, of all threads, in user and system."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(after_name[11]) + int(after_name[12])) * TICK_MS

    async def get(self, path: str) -> str:
        """Fetch a page or, below /api, a JSON answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api/") else {}
        async with self.http.get(f"http://tracker{path}", headers=headers) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}: {text[:300]}")
            return text

    async def post(self, path: str, **fields: str) -> str:
        """Send a form and return the page after it."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with self.http.post(f"http://tracker{path}", data=fields, headers=headers) as answer:
            if answer.status >= 400:
                raise SystemExit(f"{path} answered {answer.status}")
            return await answer.text()

    async def log_in(self, person: int) -> None:
        """Become somebody else."""
        self.http.cookie_jar.clear()
        await self.post("/login", email=f"p{person}@example.com", password=PASSWORD)

    async def link(self, path: str, text: str) -> str:
        """Return where a link of a page leads."""
        found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(text)}</a>', await self.get(path))
        if found is None:
            raise SystemExit(f"there is no link {text!r} on {path}")
        return found[1]


@asynccontextmanager
async def serving(folder: Path, tasks: int) -> AsyncIterator[Server]:
    """Seed, start and yield an instance."""
    environment = {
        **os.environ,
        "TRACKER_DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "TRACKER_DATA": str(folder / "files"),
        "TRACKER_ARGON2_COST": "1,8,1",
        "TRACKER_API_REQUESTS_PER_MINUTE": "1000000",
        "TRACKER_SOCKET": str(folder / "socket"),
    }
    tracker = [sys.executable, "-m", "tracker"]
    source = folder / "seed.json"
    source.write_text(json.dumps(document(tasks)))
    await anyio.run_process([*tracker, "migrate"], cwd=PRODUCT, env=environment)
    started = time.monotonic()
    await anyio.run_process([*tracker, "seed", str(source)], cwd=PRODUCT, env=environment)
    print(f"seeded {tasks:,} tasks in {time.monotonic() - started:.1f} s")
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*tracker, "serve", cwd=PRODUCT, env=environment, stderr=log)
    try:
        await _listening(process, folder)
        connector = aiohttp.UnixConnector(str(folder / "socket"))
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            yield Server(process.pid, http)
    finally:
        process.terminate()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process, folder: Path) -> None:
    while b"listening" not in (folder / "log").read_bytes():
        if process.returncode is not None:
            raise SystemExit((folder / "log").read_text())
        await asyncio.sleep(0.02)


async def pages(server: Server) -> AsyncIterator[tuple[str, str]]:
    """Yield each page with a name; those that are hard for an index come with the reason in theirs."""
    for path in ("/", "/signup", "/login"):
        yield path, path
    await server.log_in(0)
    huge, rich = await server.link("/projects?after=3", "Huge"), await server.link("/projects", "Rich")
    task = await server.link(f"{rich}", "Rich task 1999")
    talked = await server.link(f"{huge}?label=" + await _label(server, huge, "rare"), "Rich task 0")
    for path in ("/projects", "/my-tasks", "/activity", "/labels", "/members", "/notifications", "/billing"):
        yield path, path
    for path in ("/account", "/account/tokens", "/account/mail", "/reports", "/audit", "/settings", "/filters"):
        yield path, path
    for path in ("/recurring", "/share-links", "/webhooks", "/export", "/import"):
        yield path, path
    customers, rare = [await _label(server, huge, name) for name in ("customers", "rare")]
    person = re.findall(r'<option value="([a-z2-7]{12})">Person 7<', await server.get(huge))[0]
    for name, path in {
        "project": huge,
        "project, of many labels": rich,
        "project, done": f"{huge}?status=done",
        "project, nobody's (there are none)": f"{huge}?assignee=nobody",
        "project, one person's": f"{huge}?assignee={person}",
        "project, one person's done (none)": f"{huge}?assignee={person}&status=done",
        "project, a frequent label that is rare here": f"{huge}?label={customers}",
        "project, a rare label": f"{huge}?label={rare}",
        "project, the last page": f"{huge}?after=20",
        "project settings": f"{huge}/settings",
        "project activity": f"{huge}/activity",
        "new task": f"{huge}/tasks/new",
        "task": task,
        "task with 60 comments": talked,
        "edit task": f"{task}/edit",
        "search, frequent": "/search?q=card",
        "search, rare": "/search?q=rich+1234",
        "search, in vain": "/search?q=nothing+of+the+kind",
    }.items():
        yield name, path
    await server.log_in(2)
    yield "/my-tasks, all done", "/my-tasks"


async def lists(server: Server) -> AsyncIterator[tuple[str, str]]:
    """Yield each list of the API."""
    await server.log_in(0)
    page = await server.post("/account/tokens", name="bench")
    server.token = re.findall(r'class="token">([^<]+)<', page)[0]
    huge = (await server.link("/projects?after=3", "Huge")).rsplit("/", 1)[1]
    task = json.loads(await server.get("/api/v1/tasks?limit=1"))["items"][0]["id"]
    for path in (
        "/projects",
        "/tasks",
        "/tasks?limit=100",
        f"/tasks?project={huge}&status=done&limit=100",
        f"/tasks/{task}",
        f"/tasks/{task}/comments",
        "/labels",
        "/members",
        "/activity",
        "/search?q=rich",
        "/search?q=in+vain",
    ):
        yield f"/api/v1{path}".replace(huge, "…").replace(task, "…"), f"/api/v1{path}"


async def _label(server: Server, project: str, name: str) -> str:
    return re.findall(rf'<option value="([a-z2-7]{{12}})">{name}<', await server.get(project))[0]


async def measure(server: Server, path: str, round_ms: float) -> float:
    """Return the processor time of one request in milliseconds: the median of some rounds."""
    for _ in range(3):
        await server.get(path)
    began, count = server.cpu_ms(), 0
    while (spent := server.cpu_ms() - began) < 5 * TICK_MS:
        await server.get(path)
        count += 1
    requests = max(5, round(round_ms / (spent / count)))
    return statistics.median([await _round(server, path, requests) for _ in range(ROUNDS)])


async def _round(server: Server, path: str, requests: int) -> float:
    began = server.cpu_ms()
    for _ in range(requests):
        await server.get(path)
    return (server.cpu_ms() - began) / requests


async def main(tasks: int, bound: float, round_ms: float) -> int:
    """Measure everything."""
    slow: list[str] = []
    with tempfile.TemporaryDirectory(prefix="product-pages-") as name:
        async with serving(Path(name), tasks) as server:
            for group in (pages, lists):
                async for title, path in group(server):
                    spent = await measure(server, path, round_ms)
                    print(f"{title:52}{spent:8.1f} ms{'   SLOW' if spent > bound else ''}", flush=True)
                    slow += [title] if spent > bound else []
    print(f"{len(slow)} above {bound:g} ms" + "".join(f"\n  {title}" for title in slow))
    return 1 if slow else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=150_000)
    parser.add_argument("--bound", type=float, default=BOUND_MS, help="milliseconds of processor time per request")
    parser.add_argument("--round", type=float, default=ROUND_MS, help="milliseconds of processor time per round")
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.tasks, arguments.bound, arguments.round)))
