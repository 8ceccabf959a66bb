"""A colleague whose name is not spelled as the programmer's: at the door, in the list, in a mention and in the mail."""

from dataclasses import replace

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.invite import FREELANCERS, join
from agents.users.products.tracker.site import check_text, enter, open_task
from agents.web.browser import Browser

NAMES = (
    "Łukasz Żółć", "María-José Ñuñez", "Nguyễn Thị Ánh", "Þórdís Jónsdóttir", "D'Arcy O’Brien", "山田 太郎", "김민준",
    "محمد علي", "Ирина Щукина", "Σωκράτης Παππάς", "Jean-Luc de l'Île", "Weiß & Söhne", "Strauß, G.",
)  # fmt: skip


async def odd_names(visit: Visit) -> None:
    """They join under their name, are named in a comment, and are told of it: by the product and by mail."""
    item = visit.account.pick("task", visit.chance)
    owner = await enter(visit)
    await FREELANCERS.free_the_seat(visit, owner)
    if item is None:
        return
    guest = _named(visit)
    name = guest.who.name
    await FREELANCERS.ask(owner, guest)
    inbox = await visit.mailbox(guest)
    tab = await join(visit, guest, FREELANCERS.link(owner), item)
    await owner.follow("Members", "look at the members")
    if owner.page.form(f"Remove {name}") is None:
        raise owner.failure("failed_save", "look at the members", "there is nobody of that name")
    said = await _mention(owner, visit, item, name)
    await tab.follow("Notifications", "look what is new")
    check_text(tab, item.nonce, "look what is new", item, "stale_read")
    await tab.go(await inbox.link("/tasks/", "wait for the mail"), "follow the mail's link", typed=True)
    check_text(tab, said, "read what was said", item, "stale_read")
    await FREELANCERS.free_the_seat(visit, owner)


def _named(visit: Visit) -> Colleague:
    """Somebody new; the second half of the name is nobody else's."""
    guest = FREELANCERS.newcomer(visit)
    name = f"{visit.chance.choice(NAMES)} {guest.who.name.split()[-1]}"
    return replace(guest, who=replace(guest.who, name=name))


async def _mention(owner: Browser, visit: Visit, item: Item, name: str) -> str:
    said = visit.nonce()
    await open_task(owner, item)
    await owner.press("Add comment", {"Comment": f"@{name}: please look at {said}"}, "mention the newcomer")
    check_text(owner, name, "read what was saved", item, "failed_save")
    return said


journey = Journey(
    name="odd_names",
    theme="team",
    weights={"solo": 0, "team": 0.15, "business": 0.2},
    work={"list": 2, "page": 6, "write": 4, "task": 4, "search": 0.3, "login": 0.6},
    walk=odd_names,
    words="mention a new colleague",
    by_owner=True,
    crowd=True,
)
