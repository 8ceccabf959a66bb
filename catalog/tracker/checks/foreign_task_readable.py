"""Tasks answer other organisations: an outsider asks for a task by API, and follows the address of a file on it."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import comment, task_in_project, upload

ANY = range(200, 500)


async def check(scene: Scene) -> Verdict:
    title, said, content = scene.nonce(), scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, title)
    await comment(mine, task, said)
    file = await upload(mine, task, "plan.txt", content.encode())
    api = await scene.program(scene.owner)
    addresses = (f"/api/v1{task}", f"/api/v1{task}/comments")
    for address, nonce in zip(addresses, (title, said), strict=True):
        await api.call("GET", address, "read the own task")
        control(nonce in api.answer.text, f"{address} tells its owner what is there")
    control(await mine.download(file, "fetch the file") == content.encode(), "the owner fetches the file")
    foreign = await scene.program(scene.outsider)
    await foreign.call("GET", "/api/v1/projects", "read the own projects")
    for address in addresses:
        await foreign.call("GET", address, "ask for a foreign task", expect=ANY)
        if title in foreign.answer.text or said in foreign.answer.text:
            return defect(f"{address} answers another organisation")
    theirs = await scene.enter(scene.outsider)
    for address in (f"{task}/share", task, file):
        await theirs.go(address, "follow a foreign address", expect=ANY)
        if any(nonce in theirs.answer.text for nonce in (title, said, content)):
            return defect(f"{address} answers another organisation")
    return safe()
