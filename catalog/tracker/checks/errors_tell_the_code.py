"""Refusals tell the program's insides: a program sends half a JSON object."""

from agents.web.wire import Request
from catalog.checking import Scene, Verdict, control, defect, safe


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    api = await scene.program(scene.owner)
    await api.call("POST", "/api/v1/projects", "make a project", {"name": nonce}, expect=(200, 201))
    await api.call("GET", "/api/v1/projects", "list the projects")
    control(nonce in api.answer.text, "a request in order makes a project")
    headers = {"Host": api.host, "Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    answer = await api.door.send(Request("POST", "/api/v1/projects", headers, b'{"name": '))
    told = [word for word in ("Traceback", ".py") if word in answer.text]
    return defect(f"the answer to broken JSON holds {told}") if told else safe()
