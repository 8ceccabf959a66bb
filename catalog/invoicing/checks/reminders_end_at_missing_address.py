"""A client without an address ends the reminders: of two overdue invoices of one firm, the second has an address."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import new_client, new_invoice


async def check(scene: Scene) -> Verdict:
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.outsider)
    invoices: list[str] = []
    for tab, email in ((theirs, "a@client.example"), (mine, ""), (mine, "b@client.example")):
        client = await new_client(tab, scene.nonce(), email)
        invoices.append(await new_invoice(tab, client, scene.nonce(), days="0"))
        await tab.press("Send to client", {}, "send it")
    scene.advance(days=2)
    ended = await scene.run_job("reminders")
    control(ended.code == 0, f"the job ends well: {ended.detail[-200:]}")
    page = await theirs.go(invoices[0], "look at the other firm's invoice")
    control("Reminder: " in page.text, "the client of another firm was reminded")
    page = await mine.go(invoices[2], "look at the second invoice")
    control("Status Overdue" in page.text, "the invoice is overdue")
    return safe() if "Reminder: " in page.text else defect("a client with an address was not reminded; one has none")
