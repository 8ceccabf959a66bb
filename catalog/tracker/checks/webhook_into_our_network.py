"""Webhooks lead inside: addresses of our own network are registered, written as programs understand them."""

from agents.web.browser import Browser
from catalog.checking import Scene, Verdict, control, defect, safe

INSIDE = ("https://127.0.0.0x1/{}", "https://nas.lan/{}", "https://wiki.corp/{}")


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    public = scene.nonce()
    control(await _taken(tab, f"https://hooks.example/{public}", public), "a public address is taken")
    for address in INSIDE:
        nonce = scene.nonce()
        if await _taken(tab, address.format(nonce), nonce):
            return defect(f"a webhook to {address.format(chr(8230))} is taken")
    return safe()


async def _taken(tab: Browser, address: str, nonce: str) -> bool:
    await tab.go("/webhooks", "open the webhooks")
    values = {"URL": address, "Event task.created": True}
    await tab.press("Add webhook", values, "add a webhook", expect=range(200, 500))
    page = await tab.go("/webhooks", "look at the webhooks")
    return any(nonce in link.text for link in page.links)
