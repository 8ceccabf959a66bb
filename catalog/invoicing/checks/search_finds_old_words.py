"""A rewritten draft is found by its old words: it is renamed, gets another line, and is looked for."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import line, new_client, new_draft, search


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    old, new, work = scene.nonce(), scene.nonce(), scene.nonce()
    draft = await new_draft(tab, await new_client(tab, scene.nonce()), old)
    await search(tab, old)
    control(tab.page.link(f"Draft: {old}") is not None, "the search finds a new draft")
    await tab.go(draft, "open the draft")
    await tab.follow("Edit draft", "open the form")
    await tab.press("Save draft", {"Subject": new}, "rename it")
    await search(tab, new)
    if tab.page.link(f"Draft: {new}") is None:
        return defect("a draft that was renamed is not found by its new name")
    await tab.go(draft, "open the draft")
    await tab.press("Add line", line("1.00", description=work), "add a line")
    control(work in tab.page.text, "the line is there")
    await search(tab, work)
    found = tab.page.link(f"Draft: {new}") is not None
    return safe() if found else defect("a draft is not found by the words of a line that it got later")
