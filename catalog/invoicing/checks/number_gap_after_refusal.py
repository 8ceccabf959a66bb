"""A refused credit note takes a number: one is issued, one is refused, and the next must follow the first."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import credit, issue, new_client, new_invoice


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    first = await new_invoice(tab, client, scene.nonce())
    second = await new_invoice(tab, client, scene.nonce())
    await credit(tab)
    before = await issue(tab, "Issue credit note")
    await tab.go(second, "open the invoice that is taken back")
    await credit(tab)
    await tab.press("Issue credit note", {}, "credit it a second time", expect=(200, 409))
    control(tab.answer.status == 409, "more than was invoiced cannot be taken back")
    await tab.go(first, "open the other invoice")
    await credit(tab)
    after = await issue(tab, "Issue credit note")
    missing = int(after.rpartition("-")[2]) - int(before.rpartition("-")[2]) - 1
    return safe() if missing == 0 else defect(f"one credit note was refused, and {after} follows {before}")
