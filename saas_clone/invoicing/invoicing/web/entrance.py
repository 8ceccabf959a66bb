"""Sign up, log in, log out, accept an invitation."""

import re

from aiohttp import web

from invoicing import accounts, members
from invoicing.refusals import LoginRequired
from invoicing.security import SECRET
from invoicing.web.pages import ANYBODY, Pages
from invoicing.web.visit import SESSION, Visit

pages = Pages()
JOIN = f"/join/{{secret:{SECRET}}}"


@pages.get("/signup", ANYBODY)
async def show_sign_up(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("signup.html")


@pages.post("/signup", ANYBODY, again=show_sign_up)
async def sign_up(visit: Visit) -> web.StreamResponse:
    """Open a firm's books."""
    inputs = visit.inputs()
    form = accounts.SignUp(
        firm=inputs.text("firm", "Firm name"),
        name=inputs.text("name", "Your name"),
        email=inputs.email("email", "Email"),
        password=inputs.password("password", "Password"),
    )
    inputs.finish()
    secret = await accounts.sign_up(visit.db, visit.runtime.passwords, form)
    return visit.logged_in(visit.go("/overview", f"Welcome, {form.name}."), secret)


@pages.get("/login", ANYBODY)
async def show_log_in(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("login.html", next=local(visit.request.query.get("next", "") or visit.typed("next")))


@pages.post("/login", ANYBODY, again=show_log_in)
async def log_in(visit: Visit) -> web.StreamResponse:
    """Log in."""
    inputs = visit.inputs()
    email = inputs.email("email", "Email")
    inputs.finish()
    target = local(visit.typed("next"))
    secret = await accounts.log_in(visit.db, visit.runtime.passwords, email, visit.typed("password"), visit.address)
    if secret is None:
        visit.refusal = LoginRequired(accounts.WRONG_LOGIN)
        return visit.render("login.html", next=target)
    return visit.logged_in(visit.go(target or "/overview"), secret)


@pages.post("/logout", "reader")
async def log_out(visit: Visit) -> web.StreamResponse:
    """Log out."""
    await accounts.close_session(visit.db, visit.request.cookies[SESSION])
    response = visit.go("/login", "You are logged out.")
    response.del_cookie(SESSION, path="/")
    return response


@pages.get(JOIN, ANYBODY)
async def show_join(visit: Visit) -> web.StreamResponse:
    """Say who invites."""
    return visit.render("join.html", invitation=await members.invitation(visit.db, visit.param("secret")))


@pages.post(JOIN, ANYBODY, again=show_join)
async def join(visit: Visit) -> web.StreamResponse:
    """Accept."""
    inputs = visit.inputs()
    name = inputs.text("name", "Your name")
    password = inputs.password("password", "Password")
    inputs.finish()
    secret = await members.join(visit.db, visit.runtime.passwords, visit.param("secret"), name, password)
    return visit.logged_in(visit.go("/overview", f"Welcome, {name}."), secret)


def local(address: str) -> str:
    """Return an address if it is a path of ours, else nothing: a log-in must not lead people elsewhere."""
    return address if re.fullmatch(r"/(?![/\\])[^\s\\]*", address) else ""
