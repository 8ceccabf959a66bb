"""A program that got no answer sends its request again, with the same key: it must happen once."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.journeys.sync import API, items_of, token_of
from agents.users.products.tracker.site import with_query


async def repeat_request(visit: Visit) -> None:
    """Both requests must be answered alike, and there must be one task; the key must not do for another one."""
    api = visit.api(await token_of(visit))
    item = draft(visit)
    listed = items_of(await api.call("GET", f"{API}/projects", "list the projects"))
    place = next((each for each in listed if each.get("name") == item.place), None)
    if place is None:
        return  # it is on a later page: not what this is about
    body = {"project_id": place["id"], "title": item.title, "description": item.facts["Description"]}
    body["priority"] = item.facts["Priority"].lower()
    key = {"Idempotency-Key": f"make-{item.nonce}"}
    made = [
        await api.call("POST", f"{API}/tasks", step, body, headers=key, expect=(201,), pain="failed_save")
        for step in ("create a task", "send it again")
    ]
    if made[0] != made[1]:
        raise api.failure("error", "send it again", "it is answered differently", item=item.nonce)
    await api.call(
        "POST", f"{API}/tasks", "use the key for another task", {**body, "title": "x"}, headers=key, expect=(422,)
    )
    found = items_of(await api.call("GET", with_query(f"{API}/search", q=item.nonce), "look for it"))
    if len(found) != 1:
        raise api.failure("error", "look for it", f"the task is there {len(found)} times", item=item.nonce)
    item.target = f"/tasks/{made[0]['id']}"
    visit.keep(item)


journey = Journey(
    name="repeat_request",
    theme="api",
    weights={"solo": 0.3, "team": 0.6, "business": 0.9},
    work={"api_list": 1, "api_write": 3, "api_read": 1, "page": 0.2, "login": 0.1},
    walk=repeat_request,
    words="repeat a request of our program",
    machine=True,
)
