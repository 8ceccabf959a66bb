"""A key is forgotten over night: a program repeats the same request at once, and on the next day."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import identity, new_client


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    program = await scene.program(scene.owner)
    lines = [{"description": "Hours", "quantity": "1", "unit_price": "100.00", "tax_rate": "19"}]
    subject, key = scene.nonce(), scene.nonce()
    wanted = {"client_id": identity(client), "subject": subject, "lines": lines, "issue": True}

    async def numbered() -> str:
        answer = await program.call("POST", "/api/v1/invoices", "issue", wanted, once=key, expect=(201,))
        return str(answer["number"])

    first = await numbered()
    control(await numbered() == first, "what is repeated at once is answered as the first time")
    page = await tab.go("/invoices", "list the invoices")
    control(page.text.count(subject) == 1, "it is there once")
    scene.advance(hours=26)
    await scene.run_job("nightly")
    again = await numbered()
    return safe() if again == first else defect(f"the same key a day later issued {again} beside {first}")
