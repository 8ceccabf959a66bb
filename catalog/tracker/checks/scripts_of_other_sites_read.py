"""Other sites' scripts read: a page and the API are asked for with the origin of another site."""

from agents.web.wire import Request
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    nonce, away = scene.nonce(), f"https://{scene.nonce()}.example"
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, nonce)
    api = await scene.program(scene.owner)
    cookies = "; ".join(f"{name}={value}" for name, value in tab.visitor.jar.items())
    asked = {task: {"Cookie": cookies}, f"/api/v1{task}": {"Authorization": f"Bearer {api.token}"}}
    for target, headers in asked.items():
        answer = await tab.door.send(Request("GET", target, {"Host": tab.host, "Origin": away, **headers}))
        control(nonce in answer.text, "who has the right sees the task")
        allowed = answer.headers.get("access-control-allow-origin", "")
        if allowed == away and answer.headers.get("access-control-allow-credentials", "").lower() == "true":
            return defect(f"any site's scripts may read {target.rpartition('/')[0]}")
    return safe()
