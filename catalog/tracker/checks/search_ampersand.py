"""Searching for words with an ampersand between them fails."""

from catalog.checking import Scene, Verdict, control, defect, failing, safe
from catalog.tracker.steps import search, task_in_project


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    nonce = scene.nonce()
    await task_in_project(tab, f"Keys & badges {nonce}")
    await search(tab, nonce)
    control(
        nonce in tab.page.main and tab.page.link(f"Keys & badges {nonce}") is not None, "a plain search finds the task"
    )
    refused = await failing(search(tab, f"keys & badges {nonce}"))
    if refused is not None:
        return defect(f"searching for keys & badges: {refused}")
    return safe() if tab.page.link(f"Keys & badges {nonce}") else defect("a search with an ampersand finds nothing")
