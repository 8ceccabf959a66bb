"""A payment that is refused is in the books: too much is typed, and then the list of payments is read."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import cents, new_client, new_invoice, pay


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    first, second = scene.nonce(), scene.nonce()
    invoice = await new_invoice(tab, await new_client(tab, scene.nonce()), scene.nonce())
    await pay(tab, "19.00", first)
    control(cents(tab, "Open") == 10000, "a payment that fits reduces what is open")
    too_much = {"Amount": "1000.00", "Reference": second}
    await tab.press("Record payment", too_much, "record too much", expect=(200, 409))
    control(tab.answer.status == 409, "more than is open is refused")
    await tab.go(invoice, "open the invoice again")
    control(cents(tab, "Open") == 10000, "what was refused does not reduce what is open")
    page = await tab.go("/payments", "list the payments")
    control(first in page.text, "the payment that fits is in the list")
    return defect("a payment that was refused is in the list of payments") if second in page.text else safe()
