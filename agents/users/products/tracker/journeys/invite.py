"""A freelancer joins for some days: invited, at work, and removed again."""

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Journey, Visit
from agents.users.population.names import Identity
from agents.users.products.tracker.site import check_text, enter, open_task
from agents.web.browser import Browser


async def invite(visit: Visit) -> None:
    """The link works, the newcomer sees the team's task; once removed, they see nothing any more."""
    item = visit.account.pick("task", visit.chance)
    owner = await enter(visit)
    await free_the_seat(visit, owner)
    if item is None:
        return
    freelancer = newcomer(visit)
    await ask(owner, freelancer)
    link = next((link.target for link in owner.page.links if "/join/" in link.target), None)
    if link is None:
        raise owner.failure("error", "invite", "there is no link to send")
    tab = await join(visit, freelancer, link[link.index("/join/") :], item)
    await free_the_seat(visit, owner)
    await tab.go(item.target, "the removed person tries again", expect=(200, 403, 404))
    if item.nonce in tab.page.text:
        raise tab.failure("foreign_item", "the removed person tries again", "they can still read it", item=item.nonce)


async def ask(owner: Browser, freelancer: Colleague) -> None:
    """Send an invitation."""
    await owner.follow("Members", "open the members")
    invited = {"Email": freelancer.who.email, "Role": "Member"}
    await owner.press("Create invitation", invited, "invite", expect=(200, 201))


async def join(visit: Visit, freelancer: Colleague, path: str, item: Item) -> Browser:
    """Follow the invitation; the newcomer can read a task of the team."""
    tab = visit.browser(freelancer)
    await tab.go(path, "open the invitation", typed=True)
    visit.account.notes["freelancer"] = freelancer.who.name
    await tab.press("Join team", {"Your name": freelancer.who.name, "Password": freelancer.who.password}, "join")
    await open_task(tab, item, "the newcomer opens a task")
    check_text(tab, item.title, "the newcomer reads it", item)
    return tab


async def free_the_seat(visit: Visit, owner: Browser) -> None:
    """Remove the freelancer who is still there."""
    name = visit.account.notes.get("freelancer")
    if name is None:
        return
    await owner.follow("Members", "open the members")
    if owner.page.form(f"Remove {name}") is not None:
        await owner.press(f"Remove {name}", {}, "remove the freelancer")
    visit.account.notes.pop("freelancer")


def newcomer(visit: Visit) -> Colleague:
    """Somebody whom the product does not know."""
    code = f"{visit.chance.getrandbits(32):08x}"
    who = Identity(
        name=f"Alex {code[:5].translate(str.maketrans('0123456789', 'ghijklmnop')).title()}",
        email=f"alex.{code}@freelance.example",
        password=f"{visit.chance.getrandbits(64):016x}",
        user_agent=visit.person.who.user_agent,
        language=visit.person.who.language,
    )
    return visit.guest(who)


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
