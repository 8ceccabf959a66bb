"""Issued invoices follow the profile: the firm moves, and what was issued before is printed."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import new_client, new_invoice


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    before, after = scene.nonce(), scene.nonce()
    invoices: list[str] = []
    for street in (before, after):
        await tab.go("/firm", "open the profile")
        await tab.press("Save profile", {"Address": f"1 {street} Street"}, "save the profile")
        invoices.append(await new_invoice(tab, client, scene.nonce()))
    printed = await tab.go(f"{invoices[1]}/print", "print the new invoice")
    control(after in printed.text, "a new invoice shows the new address")
    printed = await tab.go(f"{invoices[0]}/print", "print the old invoice")
    if after in printed.text:
        return defect("an invoice of before the move shows the new address")
    control(before in printed.text, "the old invoice shows the old address")
    return safe()
