"""Two programs change a task that both have read: the second must be told, and must not overwrite."""

from typing import Any

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.sync import API, items_of, token_of
from agents.users.products.tracker.site import PRIORITIES, with_query
from agents.web.api import ApiClient


async def etag_conflict(visit: Visit) -> None:
    """The first change must be stored; the second one, with the ETag from before, is refused with 412."""
    item = visit.account.pick("task", visit.chance)
    api = visit.api(await token_of(visit))
    if item is None:
        return
    address = await _address(api, item)
    await api.call("GET", address, "read the task", pain="lost_item")
    etag = {"If-Match": api.answer.headers.get("etag", "")}
    first, second = visit.chance.sample([each for each in PRIORITIES if each != item.facts["Priority"]], 2)
    item.doubtful = True
    change = {"priority": first.lower()}
    await api.call("PATCH", address, "save the first change", change, headers=etag, pain="failed_save")
    item.facts["Priority"] = first
    late = {"priority": second.lower()}
    await api.call("PATCH", address, "save the second change", late, headers=etag, expect=(200, 412))
    if api.answer.status == 200:
        raise api.failure("lost_item", "save the second change", "it overwrote the first one", item=item.nonce)
    read: Any = await api.call("GET", address, "read it again", pain="lost_item")
    if read.get("priority") != first.lower() or read.get("title") != item.title:
        raise api.failure("lost_item", "read it again", "the first change is gone", item=item.nonce)
    item.doubtful = False


async def _address(api: ApiClient, item: Item) -> str:
    if not item.target:
        found = items_of(await api.call("GET", with_query(f"{API}/search", q=item.nonce), "look for the task"))
        match = next((each for each in found if each.get("title") == item.title), None)
        if match is None:
            raise api.failure("lost_item", "look for the task", "the search does not find it", item=item.nonce)
        item.target = f"/tasks/{match['id']}"
    return f"{API}{item.target}"


journey = Journey(
    name="etag_conflict",
    theme="api",
    weights={"solo": 0.3, "team": 0.6, "business": 0.9},
    work={"api_read": 3, "api_write": 2, "page": 0.2, "login": 0.1},
    walk=etag_conflict,
    words="change a task by API while somebody else does",
    machine=True,
)
