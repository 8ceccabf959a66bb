"""Keys of requests are not kept: a program sends a comment twice, with the same key."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, scene.nonce())
    api = await scene.program(scene.owner)
    address, key = f"/api/v1{task}/comments", scene.nonce()
    await api.call("POST", address, "comment", {"body": nonce}, once=key, expect=(200, 201))
    page = await tab.go(task, "read the comments")
    control(page.text.count(nonce) == 1, "the comment is there, once")
    await api.call("POST", address, "send it again", {"body": nonce}, once=key, expect=range(200, 500))
    page = await tab.go(task, "read the comments")
    return defect("one key has made two comments") if page.text.count(nonce) > 1 else safe()
