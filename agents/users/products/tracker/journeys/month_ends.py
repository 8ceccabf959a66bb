"""The 29th of February and the 31st: days that are not in every year or month."""

import re
from calendar import isleap
from datetime import date

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import check_task, enter, open_project
from agents.web.browser import Browser


async def month_ends(visit: Visit) -> None:
    """A day that does not exist is refused; the leap day is stored; what comes on the 31st comes on February's last day."""
    tab = await enter(visit)
    await tab.follow("Settings", "open the settings")
    await tab.follow("Recurring tasks", "open the recurring tasks")
    leap = next(year for year in range(today(tab).year + 1, 10_000) if isleap(year))
    item = draft(visit, **{"Due date": f"{leap}-02-29"})
    entered = {"Title": item.title, "Project": item.place, "Repeats": "Monthly", "Day of the month": "31"}
    step = "have a task on the 31st"
    await tab.press("Create recurring task", entered | {"First date": f"{leap}-02-01"}, step)
    if not {"29", str(leap)} <= set(re.findall(r"\b[0-9]+\b", _row(tab, item.title))):
        raise tab.failure("error", step, "in a leap year's February it is not for the 29th", item=item.nonce)
    await tab.press(f"Stop repeating {item.title}", {}, "stop it")
    await open_project(tab, item.place)
    await tab.follow("New task", "open the form")
    never = {"Title": item.title, **item.facts, "Due date": f"{leap + 1}-02-29"}
    step = "enter a day that does not exist"
    await tab.press("Create task", never, step, expect=(200, 422))
    if tab.answer.status == 200:
        raise tab.failure("error", step, "it is taken", item=item.nonce)
    await tab.press("Create task", {"Due date": item.facts["Due date"]}, "enter the leap day")
    item.target = tab.target
    check_task(tab, item, "read what was saved", "failed_save")
    visit.keep(item)


def today(tab: Browser) -> date:
    """Which day the product has: the one that it proposes for the first of a series."""
    form = tab.page.form("Create recurring task")
    proposed = form.labelled("First date") if form else None
    try:
        return date.fromisoformat(proposed.value if proposed else "")
    except ValueError:
        raise tab.failure("error", "look at the calendar", "it proposes no day to begin with") from None


def _row(tab: Browser, title: str) -> str:
    """What the list of recurring tasks says of one."""
    _, _, rest = tab.page.text.partition(f"{title} ")
    return rest.partition("Stop repeating")[0]


journey = Journey(
    name="month_ends",
    theme="reminders",
    weights={"solo": 0.1, "team": 0.1, "business": 0.1},
    work={"list": 3, "page": 4, "form": 1, "write": 4, "task": 1, "login": 0.1},
    walk=month_ends,
    words="plan something for the end of the month",
)
