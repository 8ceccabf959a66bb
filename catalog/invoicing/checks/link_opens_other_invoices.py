"""One link opens other documents: its signature is tried with the id of another invoice of the same client."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import identity, new_client, new_invoice, public_link


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, scene.nonce())
    mine, theirs = scene.nonce(), scene.nonce()
    other = await new_invoice(tab, client, theirs)
    await new_invoice(tab, client, mine)
    link = public_link(tab)
    stranger = scene.visit()
    page = await stranger.go(link, "open the letter's link", typed=True)
    control(mine in page.text and theirs not in page.text, "a link opens its invoice without an account")
    view, _, signature = link.rpartition("/")
    tried = f"{view.rpartition('/')[0]}/{identity(other)}/{signature}"
    await stranger.go(tried, "try it for another one", expect=range(200, 500), typed=True)
    return defect("the link of one invoice opened another one") if theirs in stranger.answer.text else safe()
