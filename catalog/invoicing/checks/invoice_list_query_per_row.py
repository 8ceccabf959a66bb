"""Lists of documents ask the database for each row: processor time of lists, against the good product."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import new_client, new_invoice

DEAR = 2.0
"""Of both lists: a busy machine makes one of them look half as dear again."""


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    await new_invoice(tab, await new_client(tab, scene.nonce()), nonce)
    control(nonce in (await tab.go("/invoices", "list the invoices")).text, "a list shows its invoices")
    profile = await scene.profile()
    ratio = min(profile.ratio["list"], profile.ratio["api_list"])
    return defect(f"lists of invoices cost {ratio:g} times the processor time") if ratio >= DEAR else safe()
