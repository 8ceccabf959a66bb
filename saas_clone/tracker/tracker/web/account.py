"""Pages about the bill and about oneself."""

from aiohttp import web

from tracker import accounts, billing, tokens
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.web.routing import Pages
from tracker.web.visit import SESSION_COOKIE, Visit

pages = Pages()


@pages.get("/billing")
async def show_billing(visit: Visit) -> web.StreamResponse:
    """Show the subscription."""
    visit.actor.require_manager("see the bill")
    return visit.render(
        "billing.html",
        bill=await billing.bill(visit.db, visit.actor),
        invoices=await billing.invoices(visit.db, visit.actor),
        prices=billing.PRICES,
        most_seats=billing.MOST_SEATS,
    )


@pages.post("/billing/plan", again=show_billing)
async def change_plan(visit: Visit) -> web.StreamResponse:
    """Change plan and seats."""
    visit.actor.require_manager("change the plan")
    fields = visit.fields()
    plan = fields.choice("plan", "Plan", tuple(billing.PRICES), visit.actor.organisation.plan)
    seats = fields.number("seats", "Seats", least=1, most=billing.MOST_SEATS)
    fields.finish()
    await billing.change_plan(visit.db, visit.actor, plan, seats)
    return visit.redirect("/billing", "Plan changed.")


@pages.post("/billing/cancel")
async def cancel(visit: Visit) -> web.StreamResponse:
    """Cancel the subscription: one form, no obstacles."""
    visit.actor.require_manager("cancel the subscription")
    await billing.cancel(visit.db, visit.actor)
    return visit.redirect("/billing", "Your subscription is cancelled.")


@pages.post("/billing/resume")
async def resume(visit: Visit) -> web.StreamResponse:
    """Take a cancellation back."""
    visit.actor.require_manager("resume the subscription")
    await billing.resume(visit.db, visit.actor)
    return visit.redirect("/billing", "Your subscription goes on.")


@pages.get("/account")
async def show_account(visit: Visit) -> web.StreamResponse:
    """Show what is one's own."""
    return visit.render("account.html", teams=await accounts.teams_of(visit.db, visit.actor))


@pages.post("/account/name", again=show_account)
async def rename(visit: Visit) -> web.StreamResponse:
    """Change the name."""
    fields = visit.fields()
    name = fields.text("name", "Your name", most=100)
    fields.finish()
    await accounts.rename(visit.db, visit.actor, name)
    return visit.redirect("/account", "Name saved.")


@pages.post("/account/email", again=show_account)
async def change_email(visit: Visit) -> web.StreamResponse:
    """Change the address."""
    fields = visit.fields()
    email = fields.email("email", "New email")
    password = visit.typed("current_password")
    fields.finish()
    await accounts.change_email(visit.db, visit.services.passwords, visit.actor, email, password)
    return visit.redirect("/account", "Email changed.")


@pages.post("/account/password", again=show_account)
async def change_password(visit: Visit) -> web.StreamResponse:
    """Change the password; other browsers are logged out."""
    fields = visit.fields()
    new_password = fields.password("new_password", "New password")
    password = visit.typed("current_password")
    fields.finish()
    secret = await accounts.change_password(
        visit.db, visit.services.passwords, visit.actor, password, new_password
    )
    return visit.log_in(visit.redirect("/account", "Password changed."), secret)


@pages.post("/account/team", again=show_account)
async def switch_team(visit: Visit) -> web.StreamResponse:
    """Go on in another organisation."""
    secret = await accounts.switch_team(visit.db, visit.actor, visit.typed("team"))
    await accounts.close_session(visit.db, visit.request.cookies[SESSION_COOKIE])
    return visit.log_in(visit.redirect("/projects", "Team switched."), secret)


@pages.get("/account/tokens")
async def show_tokens(visit: Visit) -> web.StreamResponse:
    """List one's API tokens."""
    return visit.render("tokens.html", tokens=await tokens.listed(visit.db, visit.actor))


@pages.post("/account/tokens", again=show_tokens)
async def create_token(visit: Visit) -> web.StreamResponse:
    """Make a token and show it, once."""
    fields = visit.fields()
    name = fields.text("name", "Token name", most=100)
    fields.finish()
    secret = await tokens.create(visit.db, visit.actor, name)
    visit.status = 201
    return visit.render("token_created.html", name=name, secret=secret)


@pages.post(f"/account/tokens/{{key_id:{PUBLIC_ID_PATTERN}}}/revoke")
async def revoke_token(visit: Visit) -> web.StreamResponse:
    """End a token."""
    await tokens.revoke(visit.db, visit.actor, visit.param("key_id"))
    return visit.redirect("/account/tokens", "Token revoked.")
