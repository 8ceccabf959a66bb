"""An earlier API still answers: what the present one guards is asked for at the addresses that came before it."""

from agents.web.api import ApiClient
from catalog.checking import Scene, Verdict, control, defect, failing, safe
from catalog.tracker.steps import task_in_project

EARLIER = ("/api/v0{task}", "/api{task}", "/v1{task}", "{task}.json", "/api/v0/tasks", "/api/tasks", "/tasks.json")


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    task = await task_in_project(await scene.enter(scene.owner), nonce)
    own = await scene.program(scene.owner)
    await own.call("GET", f"/api/v1{task}", "read the task")
    control(nonce in own.answer.text, "the present API tells a task to its owner")
    stranger = scene.visit()
    foreign = await scene.enter(scene.outsider)
    program = await scene.program(scene.outsider)
    for address in (each.format(task=task) for each in EARLIER):
        for tab in (stranger, foreign):
            await tab.go(address, "try an earlier address", expect=range(200, 500), typed=True)
        found = nonce in stranger.answer.text or nonce in foreign.answer.text or nonce in await _asked(program, address)
        if found:
            return defect(f"{address} tells a task to people of whom the present API wants to know who they are")
    return safe()


async def _asked(program: ApiClient, address: str) -> str:
    """What another organisation's program gets there; it need not be JSON."""
    await failing(program.call("GET", address, "try an earlier address", expect=range(200, 500)))
    return program.answer.text
