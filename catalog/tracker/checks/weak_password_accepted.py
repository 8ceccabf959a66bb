"""A password of one character is taken: when somebody joins, or chooses a new one."""

from agents.web.browser import Browser
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import invitation_for, log_in, new_project

WEAK = "x"
EXPECTED = range(200, 500)


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    mine = await scene.enter(scene.owner)
    await new_project(mine, nonce)
    theirs = await scene.enter(scene.member)
    strong = f"strong-{scene.nonce()}"
    await _change(theirs, scene.member.password, strong)
    scene.member.password = strong
    again = await scene.other_device(scene.member)
    control(again.page.link(nonce) is not None, "a strong password is accepted, and opens the account")
    await _change(theirs, strong, WEAK)
    if await _opens(scene, scene.member.email, nonce):
        return defect("an account's password was changed to one character, which opens it")
    invited = f"{scene.nonce()}@{scene.member.email.partition('@')[2]}"
    guest = scene.visit()
    await guest.go(await invitation_for(mine, invited), "open the invitation", typed=True)
    await guest.press("Join team", {"Your name": "Kim Weak", "Password": WEAK}, "join", expect=EXPECTED)
    if await _opens(scene, invited, nonce):
        return defect("somebody joined with a password of one character, which opens the account")
    return safe()


async def _change(tab: Browser, old: str, new: str) -> None:
    await tab.go("/account", "open the account")
    changed = {"Current password": old, "New password": new}
    await tab.press("Change password", changed, "change the password", expect=EXPECTED)


async def _opens(scene: Scene, email: str, nonce: str) -> bool:
    tab = scene.visit()
    await log_in(tab, email, WEAK)
    return tab.page.link(nonce) is not None
