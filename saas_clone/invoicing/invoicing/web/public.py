"""What a client sees by the link in its letter, without an account."""

from aiohttp import web

from invoicing import letters, money
from invoicing.security import PUBLIC_ID, SECRET
from invoicing.web.pages import ANYBODY, Pages
from invoicing.web.visit import Visit

pages = Pages()


@pages.get(f"/view/{{document:{PUBLIC_ID}}}/{{secret:{SECRET}}}", ANYBODY)
async def view(visit: Visit) -> web.StreamResponse:
    """Show one document."""
    document = await letters.behind_link(visit.db, visit.runtime.signer, visit.param("document"), visit.param("secret"))
    return visit.render("print.html", document=document, sums=money.totals(document.lines))
