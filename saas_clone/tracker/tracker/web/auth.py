"""Sign up, log in, log out, accept an invitation."""

import re

from aiohttp import web

from tracker import accounts, teams
from tracker.errors import LoginRequired
from tracker.web.routing import Pages
from tracker.web.visit import SESSION_COOKIE, Visit

pages = Pages()


@pages.get("/signup", public=True)
async def show_sign_up(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("signup.html")


@pages.post("/signup", again=show_sign_up, public=True)
async def sign_up(visit: Visit) -> web.StreamResponse:
    """Make an account and an organisation."""
    fields = visit.fields()
    form = accounts.SignUp(
        company=fields.text("company", "Company name", most=100),
        name=fields.text("name", "Your name", most=100),
        email=fields.email("email", "Email"),
        password=fields.password("password", "Password"),
    )
    fields.finish()
    secret = await accounts.sign_up(visit.db, visit.services.passwords, form)
    return visit.log_in(visit.redirect("/projects", f"Welcome, {form.name}."), secret)


@pages.get("/login", public=True)
async def show_log_in(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("login.html", next=local_path(visit.request.query.get("next", "")))


@pages.post("/login", again=show_log_in, public=True)
async def log_in(visit: Visit) -> web.StreamResponse:
    """Log in."""
    fields = visit.fields()
    email = fields.email("email", "Email")
    password = visit.typed("password")
    fields.finish()
    secret = await accounts.log_in(visit.db, visit.services.passwords, email, password, visit.address)
    target = local_path(visit.typed("next"))
    if secret is None:
        visit.refusal = LoginRequired(accounts.WRONG_LOGIN)
        return visit.render("login.html", next=target)
    return visit.log_in(visit.redirect(target or "/projects"), secret)


@pages.post("/logout")
async def log_out(visit: Visit) -> web.StreamResponse:
    """Log out."""
    await accounts.close_session(visit.db, visit.request.cookies[SESSION_COOKIE])
    response = visit.redirect("/login", "You are logged out.")
    response.del_cookie(SESSION_COOKIE, path="/")
    return response


@pages.get("/join/{token:[A-Za-z0-9_-]{20,64}}", public=True)
async def show_join(visit: Visit) -> web.StreamResponse:
    """Show who invites."""
    invitation = await teams.invitation(visit.db, visit.param("token"))
    has_account = await teams.has_account(visit.db, invitation.email)
    return visit.render("join.html", invitation=invitation, has_account=has_account)


@pages.post("/join/{token:[A-Za-z0-9_-]{20,64}}", again=show_join, public=True)
async def join(visit: Visit) -> web.StreamResponse:
    """Accept an invitation."""
    invitation = await teams.invitation(visit.db, visit.param("token"))
    fields = visit.fields()
    name = ""
    if not await teams.has_account(visit.db, invitation.email):
        name = fields.text("name", "Your name", most=100)
    password = fields.password("password", "Password")
    fields.finish()
    secret = await teams.join(
        visit.db, visit.services.passwords, visit.param("token"), name, password, visit.address
    )
    return visit.log_in(visit.redirect("/projects", "You have joined the team."), secret)


def local_path(address: str) -> str:
    """Return ``address`` if it is a path of ours, else nothing: a log-in must not lead people elsewhere."""
    return address if re.fullmatch(r"/(?![/\\])[^\s\\]*", address) else ""
