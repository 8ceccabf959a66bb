"""The log-in leads elsewhere: its link names a page of another site as the next one."""

from urllib.parse import quote

from agents.web.browser import Browser
from agents.web.failure import JourneyFailed
from catalog.checking import Scene, Verdict, control, defect, safe


async def check(scene: Scene) -> Verdict:
    await scene.enter(scene.owner)
    tab = scene.visit()
    await _log_in(scene, tab, "/my-tasks")
    control("My tasks" in tab.page.heading, "a page of the product follows the log-in")
    away = f"{scene.nonce()}.example"
    ours = f"{tab.host}.{away}"
    for address in (
        f"//{away}/",
        f"https://{away}/",
        f"/\\{away}/",
        f"/\t/{away}/",
        f"http://{ours}/",
        f"https://{ours}/",
    ):
        tab = scene.visit()
        try:
            await _log_in(scene, tab, address)
        except JourneyFailed as failed:
            if "leads away" in failed.detail:
                return defect(f"the log-in leads to {address!r}")
            raise
        if away in tab.target:
            return defect(f"the log-in leads to {address!r}, which browsers take for another site")
    return safe()


async def _log_in(scene: Scene, tab: Browser, following: str) -> None:
    await tab.go(f"/login?next={quote(following, safe='')}", "open the log-in", typed=True)
    values = {"Email": scene.owner.email, "Password": scene.owner.password}
    await tab.press("Log in", values, "log in", expect=(200, 404))
