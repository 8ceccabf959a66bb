"""Public links die with a restart: one is opened before and after it."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import new_client, new_invoice, public_link


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    nonce = scene.nonce()
    invoice = await new_invoice(tab, await new_client(tab, scene.nonce()), nonce)
    link, stranger = public_link(tab), scene.visit()
    page = await stranger.go(link, "open the letter's link", typed=True)
    control(nonce in page.text, "the link opens the invoice without an account")
    await scene.restart()
    page = await tab.go(invoice, "open the invoice after the restart")
    control(nonce in page.text, "the invoice is there after the restart")
    await stranger.go(link, "open the link after the restart", expect=range(200, 500), typed=True)
    return (
        safe()
        if nonce in stranger.answer.text
        else defect(f"after a restart the link answers {stranger.answer.status}")
    )
