"""Bring tasks in from a CSV file, and read them back; the same file again must double nothing."""

import csv
import io

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import check_task, enter, follow_found, search
from agents.web.browser import Browser, Upload

ROWS = 3


async def import_tasks(visit: Visit) -> None:
    """All rows must be there as they were written, once, however often the file is imported."""
    tab = await enter(visit)
    first = draft(visit)
    items = [first, *(draft(visit) for _ in range(ROWS - 1))]
    for item in items:
        item.place = first.place
    content = _file(items)
    for attempt in ("import the file", "import the file again"):
        await _import(tab, first.place, content, attempt)
    item = visit.chance.choice(items)
    step = "look for what was imported"
    await search(tab, item.nonce, step)
    count = sum(link.text == item.title for link in tab.page.links)
    if count != 1:
        kind = "failed_save" if count == 0 else "error"
        raise tab.failure(kind, step, f"a task of the file is there {count} times", item=item.nonce)
    await follow_found(tab, item, "open what was imported")
    check_task(tab, item, "read what was imported", "failed_save")
    for each in items:
        visit.keep(each)


async def _import(tab: Browser, place: str, content: bytes, step: str) -> None:
    await tab.follow("Settings", "open the settings")
    await tab.follow("Import tasks", "open the import")
    await tab.press(
        "Preview import", {"Project": place}, f"{step}: preview", upload=Upload("CSV file", "tasks.csv", content)
    )
    await tab.press("Import tasks", {}, step)


def _file(items: list[Item]) -> bytes:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("External ID", "Title", "Description", "Status", "Priority"))
    for item in items:
        facts = item.facts
        rows.writerow((item.nonce, item.title, facts["Description"], facts["Status"], facts["Priority"]))
    return written.getvalue().encode()


journey = Journey(
    name="import",
    theme="files",
    weights={"solo": 0.5, "team": 0.6, "business": 0.6},
    work={"list": 1, "page": 6, "write": 4, "search": 1, "task": 1, "login": 0.1},
    walk=import_tasks,
    words="import tasks from a spreadsheet",
)
