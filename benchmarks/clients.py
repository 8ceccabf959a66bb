"""CPU of the client for each checked request, against Locust's FastHttpUser: the same journeys at the same server.

A program of a customer creates a task over the API, reads it back and compares, lists the tasks and looks for it. Ours goes
through `agents/web`, as users do; Locust's is `peers/locust_client.py`. Blocks in turn, medians.
"""

import socket
import statistics
import sys
import time

import anyio

from agents.users.journeys import Visit
from agents.users.market import Market
from agents.users.products import product_named
from agents.users.products.tracker.journeys.sync import place_of, token_of
from agents.web.api import ApiClient
from agents.web.wire import Door
from benchmarks.private import PEERS, Peer, peers_python
from benchmarks.product import serving
from benchmarks.rows import Row, tell
from bus.chance import Chance
from bus.messages.cloud import Delivery, Mailbox
from bus.simtime import SimTime, calendar
from services.world.loading import load_scenario

BLOCK, BLOCKS, USERS = 120, 7, 4
MOST = 0.5
API = "/api/v1/tasks"
SCENARIO = load_scenario("short")


async def _no_mail(address: str, since: int) -> Mailbox:
    raise AssertionError(f"nobody looks into the mailbox of {address} since {since}")


async def _no_deliveries(prefix: str) -> list[Delivery]:
    raise AssertionError(f"nobody asks what {prefix} got")


async def admitted(door: Door) -> tuple[ApiClient, str]:
    """A program of a customer, with a token, and a project of the customer's."""
    product = product_named("tracker")
    market = Market(SCENARIO, Chance(1), product)
    account = max(market.accounts.values(), key=lambda one: one.seats)
    now = calendar(SCENARIO.world.start, SimTime(0))
    visit = Visit(
        account, account.people[0], door, product.host, SimTime(0), now, Chance(1).python("bench"), (), _no_mail, _no_deliveries
    )  # fmt: skip
    api = visit.api(await token_of(visit))
    return api, str((await place_of(api))["id"])


async def journey(api: ApiClient, project: str, number: int) -> None:
    """Raises `JourneyFailed` at the first answer that is not as it should be."""
    body = {"project_id": project, "title": f"Card {number}", "description": "See below.", "priority": "normal"}
    created = await api.call("POST", API, "create a task", body, expect=(201,), pain="failed_save")
    if created.get("title") != body["title"]:
        raise api.failure("failed_save", "create a task", "it is not what was sent")
    read = await api.call("GET", f"{API}/{created['id']}", "read it back")
    if read.get("title") != body["title"] or read.get("priority") != body["priority"]:
        raise api.failure("failed_save", "read it back", "it is not what was sent")
    listed = await api.call("GET", f"{API}?project={project}&limit=50", "list the tasks")
    if created["id"] not in {each["id"] for each in listed["items"]}:
        raise api.failure("stale_read", "list the tasks", "the new task is not listed")


async def block(door: Door, api: ApiClient, project: str) -> float:
    """CPU seconds a request of one block."""

    async def work(place: int) -> None:
        own = ApiClient(door, api.visitor, api.host, api.token)
        for number in range(BLOCK // USERS):
            await journey(own, project, place * BLOCK + number)

    before, begun = door.sent, time.process_time()
    async with anyio.create_task_group() as tasks:
        for place in range(USERS):
            tasks.start_soon(work, place)
    return (time.process_time() - begun) / (door.sent - before)


async def measure(port: int) -> list[Row]:
    """Blocks of both in turn."""
    door = Door(host="127.0.0.1", port=port)
    api, project = await admitted(door)
    peer = Peer([str(peers_python()), str(PEERS / "locust_client.py"), str(port), api.token, project])
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(BLOCKS + 1):
        own = await block(door, api, project)
        cpu, requests, wrong = await anyio.to_thread.run_sync(peer.ask, str(BLOCK))
        if wrong:
            raise SystemExit(f"{wrong:.0f} of Locust's checks failed")
        if turn:
            ours.append(own)
            theirs.append(cpu / requests)
    peer.close()
    await door.close()
    own, other = statistics.median(ours), statistics.median(theirs)
    return [
        Row("client CPU a checked request against Locust's FastHttpUser", own / other, high=MOST, digits=2),
        Row("  microseconds of ours", own * 1e6, digits=0),
        Row("  microseconds of Locust's", other * 1e6, digits=0),
    ]


def main() -> int:
    """0 if the bound is met."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with serving(SCENARIO, Chance(1), port):
        return tell("clients", anyio.run(measure, port, backend_options={"use_uvloop": True}))


if __name__ == "__main__":
    sys.exit(main())
