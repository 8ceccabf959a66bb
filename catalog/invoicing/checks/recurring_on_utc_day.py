"""What repeats waits for the day in Greenwich: in Tokyo it is tomorrow already, and the invoice is due there."""

from datetime import timedelta

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import at_hour, new_client, new_invoice, set_zone


async def check(scene: Scene) -> Verdict:
    at_hour(scene, 16)
    today = scene.now.date()
    here, there = await scene.enter(scene.outsider), await scene.enter(scene.owner)
    await set_zone(there, "Asia/Tokyo")
    subjects: list[str] = []
    for tab, day in ((here, today), (there, today + timedelta(days=1))):
        subjects.append(scene.nonce())
        await new_invoice(tab, await new_client(tab, scene.nonce(), "client@client.example"), subjects[-1])
        begins = {"Day of the month": str(day.day), "Not before": day.isoformat()}
        await tab.press("Repeat monthly", begins, "repeat it")
    ended = await scene.run_job("recurring")
    control(ended.code == 0, f"the job ends well: {ended.detail[-200:]}")
    came = [
        (await tab.go("/invoices", "list")).text.count(subject)
        for tab, subject in zip((here, there), subjects, strict=True)
    ]
    control(came[0] == 2, "an invoice of today comes in a firm that keeps Greenwich time")
    return safe() if came[1] == 2 else defect("in Tokyo it is the day already, the job has run, and nothing was issued")
