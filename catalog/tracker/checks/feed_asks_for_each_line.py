"""The feed asks the database for each line: its processor time against the good product."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project

DEAR = 1.4


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    await task_in_project(tab, nonce)
    control((await tab.go("/activity", "read the feed")).link(nonce) is not None, "the feed tells what was done")
    ratio = (await scene.profile()).ratio["feed"]
    return defect(f"the feed costs {ratio:g} times the processor time") if ratio >= DEAR else safe()
