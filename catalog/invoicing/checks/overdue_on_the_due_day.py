"""Overdue in the evening of the due day: in Los Angeles it is still that day when it is the next one in Greenwich."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import at_hour, new_client, new_invoice, set_zone


async def check(scene: Scene) -> Verdict:
    at_hour(scene, 20)
    here, there = await scene.enter(scene.outsider), await scene.enter(scene.owner)
    await set_zone(there, "America/Los_Angeles")
    invoices: list[str] = []
    for tab in (here, there):
        client = await new_client(tab, scene.nonce(), "client@client.example")
        invoices.append(await new_invoice(tab, client, scene.nonce(), days="0"))
        await tab.press("Send to client", {}, "send it")
    scene.advance(hours=8)
    ended = await scene.run_job("reminders")
    control(ended.code == 0, f"the job ends well: {ended.detail[-200:]}")
    page = await here.go(invoices[0], "look at it in Greenwich")
    control(
        "Status Overdue" in page.text and "Reminder: " in page.text, "the day after, it is overdue, and reminded of"
    )
    page = await there.go(invoices[1], "look at it in Los Angeles")
    control("Due on" in page.text, "the invoice says when it is due")
    if "Status Overdue" in page.text:
        return defect("it is still the due day in Los Angeles, and the invoice is overdue")
    return defect("the client was reminded on the due day") if "Reminder: " in page.text else safe()
