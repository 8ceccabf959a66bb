"""Invite a freelancer who opens the invitation from the mail, and revoke one that went to the wrong address."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.invite import FREELANCERS, join
from agents.users.products.tracker.site import enter


async def invite_by_mail(visit: Visit) -> None:
    """The mail comes at once and its link works; a revoked invitation's link does not."""
    item = visit.account.pick("task", visit.chance)
    owner = await enter(visit)
    await FREELANCERS.free_the_seat(visit, owner)
    if item is None:
        return
    wrong, right = FREELANCERS.newcomer(visit), FREELANCERS.newcomer(visit)
    mistaken = await visit.mailbox(wrong)
    await FREELANCERS.ask(owner, wrong)
    revoked = await mistaken.link("/join/", "wait for the invitation")
    await owner.follow("Members", "open the members")
    await owner.press(f"Revoke invitation for {wrong.who.email}", {}, "revoke the invitation")
    stranger = visit.browser(wrong)
    await stranger.go(revoked, "open the revoked invitation", expect=(200, 404), typed=True)
    if stranger.page.form("Join team") is not None:
        raise stranger.failure("foreign_item", "open the revoked invitation", "it still lets people in")
    inbox = await visit.mailbox(right)
    await FREELANCERS.ask(owner, right)
    await join(visit, right, await inbox.link("/join/", "wait for the invitation"), item)
    await FREELANCERS.free_the_seat(visit, owner)


journey = Journey(
    name="invite_by_mail",
    theme="team",
    weights={"solo": 0, "team": 0.8, "business": 1},
    work={"list": 1, "page": 6, "write": 5, "task": 1, "login": 0.6},
    walk=invite_by_mail,
    words="invite somebody by mail",
    by_owner=True,
    crowd=True,
)
