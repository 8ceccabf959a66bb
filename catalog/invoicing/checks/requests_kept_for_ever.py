"""Requests stay in memory: what each leaves behind, against the good product."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import new_client, new_invoice


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    invoice = await new_invoice(tab, await new_client(tab, scene.nonce()), nonce)
    control(nonce in (await tab.go(invoice, "read it")).text, "a page shows what was written")
    profile = await scene.profile()
    return defect(f"each request leaves {profile.leak_bytes} bytes behind") if profile.leak_bytes else safe()
