"""Any cookie lets in: after a log-in, its cookies are replaced by nonsense, and a page is asked for."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project

NONSENSE = ("x", "null", "0" * 43)


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    task = await task_in_project(await scene.enter(scene.owner), nonce)
    tab = await scene.other_device(scene.owner)
    control(nonce in (await tab.go(task, "read the task")).text, "a good session shows the task")
    for nonsense in NONSENSE:
        tab.visitor.jar.update(dict.fromkeys(tab.visitor.jar, nonsense))
        page = await tab.go("/projects", "open the projects", expect=range(200, 500))
        if page.form("Log out") is not None:
            return defect(f"the cookie {nonsense!r} lets in")
    return safe()
