"""A program that asks every minute what is new: page by page, while others go on writing."""

from typing import Any, cast

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.journeys.sync import API, items_of, place_of, token_of
from agents.users.products.tracker.site import with_query
from agents.web.api import ApiClient

PAGE = 2
MOST_PAGES = 4
COUNT = 4


async def poll(visit: Visit) -> None:
    """Every new task comes once, though one more is written between two pages; at the next look that one is there."""
    api = visit.api(await token_of(visit))
    project = str((await place_of(api))["id"])
    made = [await _create(visit, api, project) for _ in range(COUNT)]
    step = "ask what is new"
    answer: Any = await api.call("GET", with_query(f"{API}/tasks", project=project, limit=str(PAGE)), step)
    seen = _ids(answer)
    late = await _create(visit, api, project)
    for _ in range(MOST_PAGES):
        following = _next(answer)
        if not following.startswith(f"{API}/") or set(made) <= set(seen):
            break
        answer = await api.call("GET", following, "ask for the next page")
        seen += _ids(answer)
    counts = [seen.count(each) for each in made]
    if counts != [1] * COUNT:
        detail = f"of {COUNT} new tasks {counts.count(0)} are missing and {COUNT - counts.count(0) - counts.count(1)} come twice"
        raise api.failure("stale_read", step, detail)
    again = await api.call("GET", with_query(f"{API}/tasks", project=project), "ask again")
    if late not in _ids(again):
        raise api.failure("stale_read", "ask again", "the newest task does not come")


async def _create(visit: Visit, api: ApiClient, project: str) -> str:
    item = draft(visit)
    body = {"project_id": project, "title": item.title}
    made = await api.call("POST", f"{API}/tasks", "create a task", body, expect=(201,), pain="failed_save")
    return str(made["id"])


def _next(answer: Any) -> str:
    """Where the answer says that the next page is."""
    body = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    return str(body.get("next") or "")


def _ids(answer: Any) -> list[str]:
    return [str(each.get("id")) for each in items_of(answer)]


journey = Journey(
    name="poll",
    theme="api",
    weights={"solo": 0.1, "team": 0.2, "business": 0.3},
    work={"api_list": 4, "api_write": 5, "page": 0.2, "login": 0.1},
    walk=poll,
    words="poll the API for what is new",
    machine=True,
)
