"""A credit note counts in the quarter of its invoice: one of last quarter is taken back in this one."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import cents, credit, issue, line, new_client, new_invoice, next_quarter, quarter


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    old = await new_invoice(tab, client, scene.nonce())
    later = next_quarter(scene.now.date())
    scene.advance(days=(later - scene.now.date()).days + 3)
    tab = await scene.enter(scene.owner)
    await new_invoice(tab, client, scene.nonce(), line("10.00"))
    report = f"/reports?period={quarter(later)}"
    await tab.go(report, "read the report")
    control(cents(tab, "Net") == 1000 and cents(tab, "Tax") == 190, "the report has the invoice of this quarter")
    await tab.go(old, "open the invoice of last quarter")
    await credit(tab)
    await issue(tab, "Issue credit note")
    await tab.go(report, "read the report again")
    net = cents(tab, "Net")
    if net == -9000:
        return safe()
    return defect(f"100.00 of last quarter was taken back in this one; its report has a net of {net} cents, not -9000")
