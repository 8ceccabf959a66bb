"""Statements count drafts: one invoice is issued; another one, and a credit note, are only drafted."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import cents, credit, line, new_client, new_draft, new_invoice


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    invoice = await new_invoice(tab, client, scene.nonce())
    await tab.go(f"{client}/statement", "read the statement")
    control(cents(tab, "Balance") == 11900, "the statement has what was issued")
    await new_draft(tab, client, scene.nonce(), line("10.00"))
    await tab.go(invoice, "open the invoice again")
    await credit(tab)
    control("Add line" in tab.page.text, "the credit note is a draft")
    await tab.go(f"{client}/statement", "read the statement again")
    balance = cents(tab, "Balance")
    return safe() if balance == 11900 else defect(f"after two drafts the statement says {balance} cents, not 11900")
