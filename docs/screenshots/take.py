"""Take the pictures of the product that the documents show: `make screenshots`.

Starts the good product on a seeded demo company, opens its main pages in headless Chromium at the widths of a desk
and of a phone, and writes one PNG each beside this file. Ends with 1 when a page is wider than a phone or an image is
heavier than 150 kB. Needs the packages chromium and pngquant (`apt-get install chromium pngquant`): without the
latter images are twice as heavy, and some too heavy.
"""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import anyio
import chromium
import demo

HERE = Path(__file__).parent
PRODUCT = HERE.parents[1] / "saas_clone" / "tracker"
MOST_BYTES = 150_000
DESK = (1280, 800, 1)
PHONE = (390, 844, 2)


@dataclass(frozen=True)
class Picture:
    """One image: a page, by address or by the text of a link on the page before it."""

    name: str
    page: str
    size: tuple[int, int, int] = DESK
    theme: str = "light"
    before: str = ""
    """A script that is run first, as in opening the menu."""


SHOP = "/projects > Web shop"
TASK = f"{SHOP} > {demo.STORY['task']}"
PICTURES = [
    Picture("home", "/?"),
    Picture("projects", "/projects"),
    Picture("project", SHOP),
    Picture("project-dark", SHOP, theme="dark"),
    Picture("task", TASK),
    Picture("task-dark", TASK, theme="dark"),
    Picture("edit", f"{TASK} > Edit task"),
    Picture("members", "/members"),
    Picture("billing", "/billing"),
    Picture("reports", "/reports"),
    Picture("settings", "/settings"),
    Picture("recurring", "/recurring"),
    Picture("import", "/import"),
    Picture("mistake", f"{SHOP} > New task", before="mistake"),
    Picture("project-phone", SHOP, PHONE),
    Picture("task-phone", TASK, PHONE),
    Picture("menu-phone", "/my-tasks", PHONE, before="document.querySelector('details.menu').open = true"),
]
PAGES = (
    "/notifications",
    "/labels",
    "/members",
    "/billing",
    "/account",
    "/account/tokens",
    "/account/mail",
    "/activity",
    "/reports",
    "/audit",
    "/settings",
    "/filters",
    "/recurring",
    "/share-links",
    "/webhooks",
    "/export",
    "/import",
    "/search?q=a",
)
"""Further pages of which no reader may have to scroll sideways, at any of the widths."""
WIDTHS = (320, 390, 700, 960, 1024, 1280)


@asynccontextmanager
async def product(folder: Path) -> AsyncIterator[str]:
    """Run the product on the demo company and yield its address."""
    environment = {
        **os.environ,
        "TRACKER_DATABASE_URL": f"sqlite:///{folder}/demo.db",
        "TRACKER_DATA": str(folder / "files"),
        "TRACKER_ARGON2_COST": "1,8,1",
        "TRACKER_PORT": "0",
    }
    tracker = [sys.executable, "-m", "tracker"]
    (folder / "demo.json").write_text(json.dumps(demo.document()))
    for command in (["migrate"], ["seed", str(folder / "demo.json")], ["job", "reminders"]):
        await anyio.run_process([*tracker, *command], cwd=PRODUCT, env=environment)
    process = await asyncio.create_subprocess_exec(
        *tracker, "serve", cwd=PRODUCT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    reading = None
    try:
        line = json.loads(await process.stderr.readline())
        reading = asyncio.create_task(process.stderr.read())  # the access log must not fill the pipe
        yield line["on"]
    finally:
        process.terminate()
        await process.wait()
        if reading is not None:
            await reading


class Person:
    """Somebody who works in the product, so that the feed has something to tell."""

    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        self._http, self._address = http, address

    async def post(self, path: str, **fields: str) -> None:
        """Send a form."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with self._http.post(self._address + path, data=fields, headers=headers) as answer:
            answer.raise_for_status()

    async def find(self, path: str, link: str) -> str:
        """Return where a link of a page leads."""
        async with self._http.get(self._address + path) as answer:
            page = await answer.text()
        found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(link)}</a>', page)
        if found is None:
            raise LookupError(f"no link {link!r} on {path}")
        return found[1]

    async def follow(self, way: str) -> str:
        """Return the address at the end of a way like `/projects > Web shop`."""
        path, *links = way.split(" > ")
        for link in links:
            path = await self.find(path, link)
        return path


@asynccontextmanager
async def logged_in(address: str, name: str) -> AsyncIterator[tuple[Person, str]]:
    """Log a person in and yield them with their session's secret."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        person = Person(http, address)
        await person.post("/login", email=demo.email(name), password=demo.PASSWORD)
        yield person, next(cookie.value for cookie in http.cookie_jar if cookie.key == "session")


async def work(address: str) -> None:
    """Let some people do what the feed then tells."""
    async with logged_in(address, "Tomasz Lewandowski") as (tomasz, _):
        await tomasz.post("/projects", name="Autumn workshop days")
        for title in ("Invite the neighbours", "Order wood for fifty stools"):
            await tomasz.post(await tomasz.follow("/projects > Autumn workshop days") + "/tasks", title=title)
        for colour, label in (("green", "outdoors"), ("purple", "partners")):
            await tomasz.post("/labels", name=label, colour=colour)
    async with logged_in(address, "Sofia Marino") as (sofia, _):
        photos = await sofia.follow(f"{SHOP} > Compress the photos of the oak range")
        await sofia.post(f"{photos}/status", version="1", status="doing")
        await sofia.post(f"{photos}/comments", body="Half of them are done; they look the same at a third of the size.")
        for title in ("Order wood for fifty stools", "Invite the neighbours"):
            task = await sofia.follow(f"/projects > Autumn workshop days > {title}")
            await sofia.post(f"{task}/status", version="1", status="done")
    async with logged_in(address, "Jonas Lindqvist") as (jonas, _):
        saw = await jonas.follow("/projects > Workshop move > Insure the band saw for the journey")
        await jonas.post(f"{saw}/comments", body="The insurer wants photos of the blade guard.")


def colour_labels(database: Path) -> None:
    """Give the imported labels colours, which the import does not know."""
    colours = {"bug": "red", "customers": "blue", "design": "purple", "finance": "green", "content": "orange"}
    with sqlite3.connect(database) as connection:
        connection.executemany("UPDATE labels SET colour = ? WHERE name = ?", [(c, n) for n, c in colours.items()])


MISTAKE = """(async () => {
  const form = document.querySelector('main form');
  form.querySelector('#title').value = ' '; form.querySelector('#description').value = 'For the shop window.';
  form.submit(); })()"""


async def shoot(page: chromium.Tab, address: str, person: Person, picture: Picture) -> list[str]:
    """Take one picture and return what is wrong with it."""
    await page.look(*picture.size, picture.theme)
    await page.open(address + await person.follow(picture.page))
    if picture.before == "mistake":
        await page.leave(MISTAKE)
    elif picture.before:
        await page.evaluate(picture.before)
    target = HERE / f"{picture.name}.png"
    target.write_bytes(await page.picture())
    if shutil.which("pngquant"):
        smaller = ["pngquant", "--force", "--skip-if-larger", "--strip", "--output", str(target), "128", str(target)]
        await anyio.run_process(smaller, check=False)
    weight = target.stat().st_size
    sys.stdout.write(f"{target.name:28}{weight / 1000:6.0f} kB\n")
    wrong = (
        [f"{target.name} weighs {weight} bytes, more than {MOST_BYTES}; is pngquant installed?"]
        if weight > MOST_BYTES
        else []
    )
    return wrong + await too_wide(page, picture.name)


async def too_wide(page: chromium.Tab, name: str) -> list[str]:
    """Tell whether a reader would have to scroll sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{name} is {wide} px wider than its window"] if wide > 0 else []


async def main() -> int:
    """Take all pictures."""
    browser = chromium.program()
    with tempfile.TemporaryDirectory(prefix="screenshots-") as name:
        folder = Path(name)
        async with product(folder) as address:
            await work(address)
            colour_labels(folder / "demo.db")
            async with (
                logged_in(address, "Ines Carvalho") as (person, secret),
                chromium.tab(browser, folder / "profile") as page,
            ):
                wrong = await shoot(page, address, person, PICTURES[0])
                await page.call("Network.setCookie", name="session", value=secret, url=address, httpOnly=True)
                for picture in PICTURES[1:]:
                    wrong += await shoot(page, address, person, picture)
                ways = {*PAGES, *(picture.page for picture in PICTURES[1:])}
                places = [await person.follow(way) for way in sorted(ways)]
                for width in WIDTHS:
                    await page.look(width, 800, 1, "light")
                    for path in places:
                        await page.open(address + path)
                        wrong += await too_wide(page, f"{path} at {width} px")
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except chromium.NoBrowserError as missing:
        sys.exit(str(missing))
