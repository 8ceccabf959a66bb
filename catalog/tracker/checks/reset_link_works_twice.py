"""A link to a new password works again: it is used, then opened again, also where another instance answers."""

from urllib.parse import urlsplit

from agents.web.browser import Browser
from catalog.checking import Scene, Verdict, control, defect, failing, safe
from catalog.tracker.steps import log_in, new_project

ANY = range(200, 500)


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    await new_project(await scene.enter(scene.owner), nonce)
    email = scene.owner.email
    tab = scene.visit()
    await tab.go("/reset", "open the form", typed=True)
    await tab.press("Send link", {"Email": email}, "ask for a link")
    link = _link(scene, email)
    control(bool(link), "a letter with a link comes to the known address")
    first = f"first-{scene.nonce()}"
    await tab.go(link, "open the link", typed=True)
    await tab.press("Set new password", {"New password": first}, "choose a password")
    control(await _opens(scene, email, first, nonce), "the password that was chosen opens the account")
    for door in (scene.site.door(), await scene.site.second_door()):
        again = Browser(door, scene.visit().visitor, scene.site.host)
        second = f"second-{scene.nonce()}"
        await again.go(link, "open the link again", expect=ANY, typed=True)
        await failing(again.press("Set new password", {"New password": second}, "choose another", expect=ANY))
        if await _opens(scene, email, second, nonce):
            return defect("the link of a letter was used, and used again it set another password")
    return safe()


def _link(scene: Scene, email: str) -> str:
    """The path of the link in the last letter to that address."""
    words = [word for letter in scene.mailbox(email) for word in letter.text.split() if "/reset/" in word]
    return urlsplit(words[-1]).path if words else ""


async def _opens(scene: Scene, email: str, password: str, nonce: str) -> bool:
    tab = scene.visit()
    await log_in(tab, email, password)
    return tab.page.link(nonce) is not None
