"""Lists of tasks ask the database for each row: processor time of lists, against the good product."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task

DEAR = 1.4


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    project = await new_project(tab, scene.nonce())
    await new_task(tab, project, nonce)
    control((await tab.go(project, "list the tasks")).link(nonce) is not None, "a list shows its tasks")
    profile = await scene.profile()
    ratio = max(profile.ratio["list"], profile.ratio["api_list"])
    return defect(f"a list of tasks costs {ratio:g} times the processor time") if ratio >= DEAR else safe()
