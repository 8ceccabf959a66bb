"""Pages stay in memory: what a request leaves behind, against the good product."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, nonce)
    control(nonce in (await tab.go(task, "read it")).text, "a page shows what was written")
    profile = await scene.profile()
    return defect(f"each request leaves {profile.leak_bytes} bytes behind") if profile.leak_bytes else safe()
