"""A tiny product with a repository of its own, for tests of the cloud."""

import subprocess
from pathlib import Path

INFRA = """
[app]
command = "python -m hello serve"
[app.env]
HELLO_SOCKET = "{socket}"
HELLO_DATA = "{data}"
HELLO_MAIL = "{mail}"
[migrate]
command = "python -m hello migrate"
[health]
path = "/healthz"
[instances]
count = 2
size = "small"
[[job]]
name = "digest"
every = "1h"
command = "python -m hello job"
"""

MAIN = """
import asyncio, os, signal, sqlite3, sys, time
from aiohttp import web

VERSION = "one"
DATABASE = os.environ["HELLO_DATA"] + "/app.db"

async def hello(request):
    return web.Response(text=VERSION + " " + request.headers.get("X-Forwarded-For", ""))

async def clock(request):
    return web.Response(text=time.strftime("%Y-%m-%dT%H:%M"))

async def note(request):
    form = await request.post()
    with sqlite3.connect(DATABASE) as database:
        database.execute("insert into note values (?)", (form["text"],))
    return web.Response(text="noted")

async def mail(request):
    post(request.query["to"], request.query.get("text", "hello"))
    return web.Response(text="sent")

def post(to, text):
    folder = os.environ["HELLO_MAIL"]
    for name in ("tmp", "new"):
        os.makedirs(folder + "/" + name, exist_ok=True)
    name = f"{time.monotonic_ns():020d}.eml"
    with open(folder + "/tmp/" + name, "w") as file:
        file.write(f"From: hello@hello.example\\nTo: {to}\\nSubject: Hello\\n\\n{text}\\n")
    os.rename(folder + "/tmp/" + name, folder + "/new/" + name)

async def crash(request):
    os._exit(9)

async def leave_orphan(request):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
    return web.Response(text="left")

async def slow(request):
    await asyncio.sleep(0.05)
    return web.Response(text=VERSION)

def serve():
    app = web.Application()
    app.add_routes([web.get("/healthz", hello), web.get("/", hello), web.get("/clock", clock),
                    web.post("/note", note), web.get("/crash", crash), web.get("/slow", slow),
                    web.get("/orphan", leave_orphan), web.get("/mail", mail)])
    web.run_app(app, path=os.environ["HELLO_SOCKET"], access_log=None, print=None)

def migrate():
    with sqlite3.connect(DATABASE) as database:
        database.execute("pragma journal_mode=wal")
        database.execute("create table if not exists note (text)")

def job():
    print("digest at", time.strftime("%Y-%m-%dT%H:%M"))
    post("boss@hello.example", "a digest")

{"serve": serve, "migrate": migrate, "job": job}[sys.argv[1]]()
"""


class Repository:
    """The operator's workspace of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "hello").mkdir(parents=True)
        (folder / "deploy").mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit({"hello/__init__.py": "", "hello/__main__.py": MAIN, "deploy/infra.toml": INFRA})

    def git(self, *arguments: str) -> str:
        """Run git on the workspace; it is the test's own, so outside a sandbox."""
        identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "safe.directory=*"]
        command = ["git", "-C", str(self.folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        """Write files and commit them; the commit."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "a change")
        return self.git("rev-parse", "HEAD")

    def change(self, old: str, new: str, *, path: str = "hello/__main__.py") -> str:
        """Replace text in a file and commit."""
        text = (self.folder / path).read_text()
        assert old in text
        return self.commit({path: text.replace(old, new)})
