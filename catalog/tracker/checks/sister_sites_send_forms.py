"""Forms of other hosts of our domain are accepted: cookies go along with them, so their pages act for our customers."""

from urllib.parse import urlencode

from agents.web.browser import Browser
from agents.web.wire import CLIENT, MOMENT, Request
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project

NEW = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
"""What browsers tell of where a form comes from; old ones tell its origin only."""


async def check(scene: Scene) -> Verdict:
    own = scene.nonce()
    tab = await scene.enter(scene.owner)
    await new_project(tab, own)
    page = await tab.go("/projects", "look at the projects")
    control(page.link(own) is not None, "the product's own form makes a project")
    for browser, headers in (("a new", NEW), ("an old", {})):
        forged = scene.nonce()
        await _send(scene, tab, forged, headers)
        page = await tab.go("/projects", "look at the projects")
        if page.link(forged):
            return defect(f"a form on another host of the domain, in {browser} browser, made a project")
    return safe()


async def _send(scene: Scene, tab: Browser, name: str, more: dict[str, str]) -> None:
    """What a browser sends when a page of a forum beside the product has such a form."""
    origin = f"https://forum.{scene.site.host.partition('.')[2]}"
    headers = {
        "Host": scene.site.host,
        CLIENT: tab.visitor.address,
        MOMENT: tab.visitor.moment(),
        "User-Agent": tab.visitor.user_agent,
        "Cookie": "; ".join(f"{key}={value}" for key, value in tab.visitor.jar.items()),
        "Origin": origin,
        "Referer": f"{origin}/",
        "Content-Type": "application/x-www-form-urlencoded",
        **more,
    }
    await scene.site.door().send(Request("POST", "/projects", headers, urlencode({"name": name}).encode()))
