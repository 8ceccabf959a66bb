"""Titles that a spreadsheet would calculate: brought in from one, read by people, taken out again."""

import csv
import io

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import check_task, enter, follow_found, search
from agents.web.browser import Browser, Upload

TITLES = (
    "=SUM(A1:A9) does not add up", "+49 30 901820 wants a call", "-5 °C in the cold store", "@office: keys", "=1+1",
    '=HYPERLINK("https://prices.example","offer")',
)  # fmt: skip


async def round_trip(visit: Visit) -> None:
    """The file's mark before such a cell is no part of the title; it is there again in the file that comes out."""
    tab = await enter(visit)
    item = draft(visit, visit.chance.choice(TITLES))
    item.facts["Description"] = f'First line; second "cell",\nthird line {visit.nonce()}.'
    await tab.follow("Settings", "open the settings")
    await tab.follow("Import tasks", "open the import")
    upload = Upload("CSV file", "back from the spreadsheet.csv", _file(item))
    await tab.press("Preview import", {"Project": item.place}, "look at the file", upload=upload)
    await tab.press("Import tasks", {}, "import the file")
    await search(tab, item.nonce, "look for the task")
    await follow_found(tab, item, "open the task")
    check_task(tab, item, "read the task", "failed_save")
    visit.keep(item)
    await _take_out(tab, item)


async def _take_out(tab: Browser, item: Item) -> None:
    await tab.follow("Settings", "open the settings")
    await tab.follow("Export", "open the export")
    step = "download the tasks"
    wanted = {"Format": "CSV", "Project": item.place, "Status": item.facts["Status"]}
    await tab.press("Download tasks", wanted, step, pain="error")
    rows = csv.DictReader(io.StringIO(tab.answer.text, newline=""))
    row = next((each for each in rows if item.nonce in (each.get("Title") or "")), None)
    if row is None:
        raise tab.failure("lost_item", step, "the task is not in the file", item=item.nonce)
    if row["Title"] != f"'{item.title}":
        raise tab.failure("error", step, "the title would be calculated, or is another one", item=item.nonce)
    if row.get("Description") != item.facts["Description"]:
        raise tab.failure("lost_item", step, "the lines of the text are not what they were", item=item.nonce)


def _file(item: Item) -> bytes:
    """As a spreadsheet of a country with decimal commas saves it."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";")
    rows.writerow(("External ID", "Title", "Description", "Status", "Priority"))
    facts = item.facts
    rows.writerow((item.nonce, f"'{item.title}", facts["Description"], facts["Status"], facts["Priority"]))
    return written.getvalue().encode("utf-8-sig")


journey = Journey(
    name="round_trip",
    theme="files",
    weights={"solo": 0.1, "team": 0.1, "business": 0.15},
    work={"list": 2, "page": 6, "write": 2, "search": 1, "task": 1, "login": 0.1},
    walk=round_trip,
    words="edit our tasks in a spreadsheet",
)
