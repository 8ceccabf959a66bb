"""Exports are handed to anybody: the address of a project's export is opened without an account."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    project = await new_project(tab, scene.nonce())
    await new_task(tab, project, nonce)
    query = f"project={project.rpartition('/')[2]}"
    addresses = (
        f"/export/tasks?format=csv&{query}",
        f"/export/tasks?format=json&{query}",
        "/export/organisation.json",
    )
    for address in addresses:
        content = await tab.download(address, "export")
        control(nonce.encode() in content, f"{address} has the task for its owner")
    stranger = scene.visit()
    for address in addresses:
        await stranger.go(address, "open it without an account", expect=range(200, 500), typed=True)
        if nonce in stranger.answer.text:
            return defect(f"{address} hands out tasks without a log-in")
    return safe()
