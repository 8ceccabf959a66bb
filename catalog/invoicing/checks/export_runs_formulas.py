"""The export has formulas: a client and a subject that a spreadsheet would run."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import export, new_client, new_invoice, quarter

RUN = ("=", "+", "-", "@")


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    plain, nonce = scene.nonce(), scene.nonce()
    await new_invoice(tab, await new_client(tab, scene.nonce()), plain)
    for start in RUN:
        client = await new_client(tab, f"{start}1+1 {nonce}")
        await new_invoice(tab, client, f"{start}SUM(1) {nonce}")
    rows = await export(tab, quarter(scene.now.date()))
    control(any(plain in row for row in rows), "the export has a plain subject as it is")
    texts = [cell for row in rows for cell in row if nonce in cell]
    control(len(texts) == 2 * len(RUN), "the export has the other clients and subjects")
    formulas = [text for text in texts if text.startswith(RUN)]
    return defect(f"the export has {len(formulas)} formulas, such as {formulas[0]!r}") if formulas else safe()
