"""A freelancer joins for some days: invited, at work, and removed again."""

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Journey, Visit
from agents.users.products.guests import Guests
from agents.users.products.tracker.site import check_text, enter, open_task
from agents.web.browser import Browser

FREELANCERS = Guests(called="freelancer", host="freelance.example", role="Member", button="Join team")


async def invite(visit: Visit) -> None:
    """The link works, the newcomer sees the team's task; once removed, they see nothing any more."""
    item = visit.account.pick("task", visit.chance)
    owner = await enter(visit)
    await FREELANCERS.free_the_seat(visit, owner)
    if item is None:
        return
    freelancer = FREELANCERS.newcomer(visit)
    await FREELANCERS.ask(owner, freelancer)
    tab = await join(visit, freelancer, FREELANCERS.link(owner), item)
    await FREELANCERS.free_the_seat(visit, owner)
    await tab.go(item.target, "the removed person tries again", expect=(200, 403, 404))
    if item.nonce in tab.page.text:
        raise tab.failure("foreign_item", "the removed person tries again", "they can still read it", item=item.nonce)


async def join(visit: Visit, freelancer: Colleague, path: str, item: Item) -> Browser:
    """Follow the invitation; the newcomer can read a task of the team."""
    tab = await FREELANCERS.join(visit, freelancer, path)
    await open_task(tab, item, "the newcomer opens a task")
    check_text(tab, item.title, "the newcomer reads it", item)
    return tab


journey = Journey(
    name="invite",
    theme="team",
    weights={"solo": 0, "team": 2.5, "business": 3},
    work={"list": 2, "page": 4, "write": 3, "task": 1.5, "login": 0.6},
    walk=invite,
    words="invite somebody to our team",
    by_owner=True,
    crowd=True,
)
