"""Take the tasks of a project out as CSV, and compare them with what is known."""

import csv
import io

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import enter

_FORMULA = ("=", "+", "-", "@")


async def export(visit: Visit) -> None:
    """Every task that is known must be in the file, once, and say what it says in the product."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    await tab.follow("Settings", "open the settings")
    await tab.follow("Export", "open the export")
    wanted = {"Format": "CSV", "Project": item.place, "Status": item.facts["Status"]}
    step = "download the tasks"
    await tab.press("Download tasks", wanted, step, pain="error")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(tab.answer.text)):
        if any(_is_formula(cell) for cell in row.values()):
            raise tab.failure("error", step, "a cell would be calculated by a spreadsheet")
        rows.setdefault(_text(row.get("Title", "")), []).append(row)
    for known in visit.account.known("task"):
        if (known.place, known.facts["Status"]) != (item.place, item.facts["Status"]):
            continue
        found = rows.get(known.title, [])
        if len(found) != 1 or not _says(found[0], known):
            detail = (
                "a task says something else in the file" if len(found) == 1 else f"a task is there {len(found)} times"
            )
            raise tab.failure("lost_item", step, detail, item=known.nonce)


def _is_formula(cell: object) -> bool:
    return isinstance(cell, str) and cell.startswith(_FORMULA)


def _text(cell: str | None) -> str:
    """A cell as it was before it was made safe for spreadsheets."""
    text = cell or ""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _says(row: dict[str, str], known: Item) -> bool:
    facts = known.facts
    return (
        _text(row.get("Priority")).casefold() == facts["Priority"].casefold()
        and _text(row.get("Description")) == facts["Description"]
        and _text(row.get("Due date")) == facts.get("Due date", "")
    )


journey = Journey(
    name="export",
    theme="files",
    weights={"solo": 0.6, "team": 0.8, "business": 1},
    work={"list": 3, "page": 2, "login": 0.1},
    walk=export,
    words="export our tasks",
)
