"""What is written off vanishes from the report: two invoices, and one of them is given up."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import cents, line, new_client, new_invoice, quarter


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    await new_invoice(tab, client, scene.nonce(), line("10.00"))
    lost = await new_invoice(tab, client, scene.nonce())
    report = f"/reports?period={quarter(scene.now.date())}"
    await tab.go(report, "read the report")
    control(cents(tab, "Net") == 11000 and cents(tab, "Tax") == 2090, "the report has both invoices")
    await tab.go(lost, "open the second one")
    await tab.press("Write off", {}, "write it off")
    control("Status Written off" in tab.page.text, "it is written off")
    await tab.go(report, "read the report again")
    tax = cents(tab, "Tax")
    return safe() if tax == 2090 else defect(f"after writing off, the report has {tax} cents of tax, and not 2090")
