"""The tax is rounded on each line: ten lines of 0.13 at 19 % are 0.25 of tax, and line by line they would be 0.20."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import cents, line, new_client, new_draft


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    await new_draft(tab, client, scene.nonce(), line("100.00"))
    control(cents(tab, "on 100.00") == 1900 and cents(tab, "Total") == 11900, "one line is added up")
    await new_draft(tab, client, scene.nonce(), *[line("0.13")] * 10)
    control(cents(tab, "Net") == 130, "the nets of ten lines are added up")
    tax = cents(tab, "on 1.30")
    return safe() if tax == 25 else defect(f"the tax of 19 % on ten lines of 0.13 is {tax} cents instead of 25")
