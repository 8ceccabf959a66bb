"""The customer's own program: creates tasks by API, reads them back, lists them, changes one."""

from typing import Any, cast

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import check_task, enter, open_task, with_query
from agents.web.api import ApiClient
from agents.web.browser import Browser

API = "/api/v1"
BATCH = 3
PAGE = 50
NO_PLACES = ("Intake ", "Old list ")
"""What projects in which nobody works are called."""


async def sync(visit: Visit) -> None:
    """What was created must be read back equal, be listed, and be there for people too."""
    api = visit.api(await token_of(visit))
    place = await place_of(api)
    made: list[str] = []
    item = draft(visit)
    for _ in range(BATCH):
        item = draft(visit)
        item.place = str(place["name"])
        body = {"project_id": place["id"], "title": item.title, "description": item.facts["Description"]}
        body["priority"] = item.facts["Priority"].lower()
        created = await api.call("POST", f"{API}/tasks", "create a task", body, expect=(201,), pain="failed_save")
        made.append(str(created["id"]))
        read = await api.call("GET", f"{API}/tasks/{made[-1]}", "read it back")
        if read.get("title") != item.title or read.get("priority") != body["priority"]:
            raise api.failure("failed_save", "read it back", "it is not what was sent", item=item.nonce)
    query = with_query(f"{API}/tasks", project=str(place["id"]), limit=str(PAGE))
    found = {str(each.get("id")) for each in items_of(await api.call("GET", query, "list the tasks"))}
    if not found.issuperset(made):
        raise api.failure("stale_read", "list the tasks", f"{len(found & set(made))} of {BATCH} new tasks are listed")
    tab = await enter(visit)
    item.target = f"/tasks/{made[-1]}"
    await open_task(tab, item, "look at it in the browser")
    check_task(tab, item, "read it in the browser")
    visit.keep(item)


async def token_of(visit: Visit) -> str:
    """The person's token; one is made when there is none."""
    if visit.person.token is not None:
        return visit.person.token
    tab: Browser = await enter(visit)
    await tab.follow("Account", "open the account")
    await tab.follow("API tokens", "open the tokens")
    await tab.press("Create token", {"Token name": "sync"}, "create a token", expect=(200, 201))
    tokens = tab.page.texts("code", "token")
    if not tokens:
        raise tab.failure("failed_save", "create a token", "the token is not shown")
    visit.person.token = tokens[0]
    return tokens[0]


async def place_of(api: ApiClient) -> dict[str, Any]:
    """The newest project in which people work."""
    listed = items_of(await api.call("GET", f"{API}/projects", "list the projects"))
    place = next((each for each in listed if not str(each.get("name", "")).startswith(NO_PLACES)), None)
    if place is None:
        raise api.failure("lost_item", "list the projects", "there are none")
    return place


def items_of(answer: Any) -> list[dict[str, Any]]:
    """The rows of a list, whatever else the answer holds."""
    body = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    rows = body.get("items")
    kept = cast("list[Any]", rows) if isinstance(rows, list) else []
    return [cast("dict[str, Any]", row) for row in kept if isinstance(row, dict)]


journey = Journey(
    name="sync",
    theme="api",
    weights={"solo": 2, "team": 6, "business": 9},
    work={"api_list": 2, "api_write": 3, "api_read": 3, "list": 1, "task": 1, "page": 0.2, "login": 0.1},
    walk=sync,
    words="use the API from our own program",
    machine=True,
)
