"""Payments go into other firms' books: by the number of an invoice that is not here, and by a program that names it."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import cents, identity, new_client, new_invoice


async def check(scene: Scene) -> Verdict:
    theirs, mine = await scene.enter(scene.outsider), await scene.enter(scene.owner)
    client = await new_client(theirs, scene.nonce())
    foreign = [await new_invoice(theirs, client, scene.nonce()) for _ in range(3)][-1]
    number = theirs.page.heading.rpartition(" ")[2]
    own = await new_invoice(mine, await new_client(mine, scene.nonce()), scene.nonce())
    program = await scene.program(scene.owner)

    async def paid(invoice: str) -> bool:
        given = {"amount": "1.00", "reference": scene.nonce(), "invoice_id": identity(invoice)}
        await program.call("POST", "/api/v1/payments", "record a payment", given, expect=range(200, 500))
        return program.answer.status == 201

    control(await paid(own), "a program records a payment of an own invoice")
    await mine.go(own, "look at it")
    control(cents(mine, "Open") == 11800, "less is open on it")
    if await paid(foreign):
        return defect("a program recorded a payment for another firm's invoice")
    await mine.go("/payments", "open the payments")
    given = {"Amount": "1.00", "Reference": f"Invoice {number}"}
    await mine.press("Record payment", given, "record a payment by a number that is not here")
    if f"Matched to {number}" in mine.page.text:
        return defect(f"a payment was matched to {number}, which this firm does not have")
    control(f"Invoice {number}" in mine.page.text, "the payment is in the list")
    return safe()
