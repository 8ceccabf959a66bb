"""A project's activity page answers other organisations: an outsider follows the address."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    project = await new_project(tab, scene.nonce())
    await new_task(tab, project, nonce)
    page = await tab.go(f"{project}/activity", "read the activity")
    control(nonce in page.text, "the owner's activity page names the new task")
    foreign = await scene.enter(scene.outsider)
    await foreign.go("/activity", "read the own activity")
    await foreign.go(f"{project}/activity", "follow a foreign address", expect=range(200, 500))
    if nonce in foreign.answer.text:
        return defect(f"{project}/activity shows another organisation's tasks (status {foreign.answer.status})")
    return safe()
