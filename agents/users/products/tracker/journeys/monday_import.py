"""Monday morning: the old tool's whole list comes in at once, after a first try with a mistake in it."""

import csv
import io

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import enter
from agents.users.products.tracker.words import ODD, THINGS, VERBS
from agents.web.browser import Browser, Upload

ROWS = 240
BATCH = "batch"
"""What such a project is remembered as: nobody works in it (`sync.NO_PLACES`), until it is deleted."""


async def monday_import(visit: Visit) -> None:
    """A mistake is named by line and column and nothing is stored; without it every row is there, once, as it was."""
    tab = await enter(visit)
    nonce = visit.nonce()
    name = f"Old list {nonce}"
    await tab.press("Create project", {"Project name": name}, "create the project")
    place = tab.target
    titles = [_title(visit) for _ in range(ROWS)]
    wrong = visit.chance.randrange(ROWS)
    await tab.follow("Settings", "open the settings")
    await tab.follow("Import tasks", "open the import")
    step = "look at a file with a mistake"
    upload = Upload("CSV file", "export.csv", _file(titles, visit, wrong))
    await tab.press("Preview import", {"Project": name}, step, upload=upload, expect=(200, 422))
    if tab.page.form("Import tasks") is not None or f" {wrong + 2} State " not in f" {tab.page.text} ":
        raise tab.failure("error", step, "the mistake is not named by its line and column")
    await tab.follow("Choose another file", "open the import again")
    upload = Upload("CSV file", "export.csv", _file(titles, visit, None))
    await tab.press("Preview import", {"Project": name}, "look at the file", upload=upload)
    await tab.press("Import tasks", {}, "import the file")
    await _compare(tab, name, titles)
    batch = Item(
        BATCH, nonce, name, place=name, target=place, facts={"Title": visit.chance.choice(titles)}, born=visit.at
    )
    visit.account.remember(batch)


def _title(visit: Visit) -> str:
    words = visit.chance.choice((f"{visit.chance.choice(VERBS)} {visit.chance.choice(THINGS)}", *ODD))
    return f"Old {words} {visit.nonce()}"


def _file(titles: list[str], visit: Visit, wrong: int | None) -> bytes:
    """As another tool names its columns; one line may have a state that nobody knows."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter="\t")
    rows.writerow(("Summary", "Notes", "State", "Reporter"))
    for at, title in enumerate(titles):
        rows.writerow(
            (title, f"From the old list, row {at}", "Sleeping" if at == wrong else "Open", visit.person.who.name)
        )
    return written.getvalue().encode("utf-8-sig")


async def _compare(tab: Browser, name: str, titles: list[str]) -> None:
    """Take all of it out again: that is one request, and the list would be ten."""
    await tab.follow("Settings", "open the settings")
    await tab.follow("Export", "open the export")
    step = "count what was imported"
    await tab.press("Download tasks", {"Format": "CSV", "Project": name}, step, pain="error")
    rows = csv.DictReader(io.StringIO(tab.answer.text, newline=""))
    found = sorted(row.get("Title") or "" for row in rows)
    if found != sorted(titles):
        missing = len(set(titles) - set(found))
        raise tab.failure("failed_save", step, f"of {ROWS} rows {missing} are missing, and {len(found)} are there")


journey = Journey(
    name="monday_import",
    theme="files",
    weights={"solo": 0.02, "team": 0.03, "business": 0.04},
    # Fifteen requests, some of them as heavy as several ordinary ones: three times the CPU of `create_task` (measured).
    work={"list": 2, "page": 8, "write": 12, "file": 3, "login": 0.1},
    walk=monday_import,
    words="import a long list from our old tool",
    by_owner=True,
)
