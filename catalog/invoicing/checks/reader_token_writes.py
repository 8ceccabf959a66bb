"""A reader's token changes the books: a program of the reader's tries what only bookkeepers may."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import identity, line, new_client, new_draft, new_invoice


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    nonce = scene.nonce()
    client = await new_client(tab, scene.nonce())
    issued = await new_invoice(tab, client, nonce)
    draft = await new_draft(tab, client, scene.nonce(), line("100.00"))
    program = await scene.program(scene.member)
    read = await program.call("GET", f"/api/v1/invoices/{identity(issued)}", "read")
    control(read["subject"] == nonce, "a reader's program reads")
    await program.call("POST", "/api/v1/payments", "record a payment", {"amount": "1.00"}, expect=range(200, 500))
    control(program.answer.status == 403, "a reader's program records no payment")
    for method, target, body in (
        ("POST", f"invoices/{identity(issued)}/send", None),
        ("POST", f"invoices/{identity(draft)}/issue", None),
        ("POST", f"invoices/{identity(issued)}/credit", None),
        ("PUT", f"clients/{identity(client)}", {"name": scene.nonce()}),
    ):
        await program.call(method, f"/api/v1/{target}", "change the books", body, expect=range(200, 500))
        if program.answer.status < 300:
            return defect(
                f"a reader's token was good for {method} /{target.rpartition('/')[2]}: {program.answer.status}"
            )
    return safe()
