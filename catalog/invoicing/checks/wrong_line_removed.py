"""The wrong line is removed: of four lines the first goes, and then the second of those that are left."""

from catalog.checking import Scene, Verdict, control, defect, failing, safe
from catalog.invoicing.steps import line, new_client, new_draft


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    works = [scene.nonce() for _ in range(4)]
    client = await new_client(tab, scene.nonce())
    draft = await new_draft(tab, client, scene.nonce(), *(line("1.00", description=work) for work in works))
    await tab.press("Remove line 1", {}, "remove the first line")
    left = [work for work in works if work in tab.page.text]
    control(left == works[1:], "the first line is gone, the others are there")
    refused = await failing(tab.press("Remove line 2", {}, "remove the second of those that are left"))
    page = await tab.go(draft, "open the draft again")
    left = [work for work in works if work in page.text]
    if left == [works[1], works[3]]:
        return safe()
    return defect(
        f"the third line should have gone; there are {[works.index(work) + 1 for work in left]}; {refused or ''}"
    )
