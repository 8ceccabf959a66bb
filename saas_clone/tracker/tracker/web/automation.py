"""Pages of what works by itself: webhooks and recurring tasks."""

from aiohttp import web

from tracker import projects, recurring, teams, webhooks
from tracker.automation_inputs import read_recurring, read_webhook
from tracker.calendars import day_of
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import now
from tracker.recurrence import WEEKDAYS
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
WEBHOOK = f"/webhooks/{{webhook_id:{PUBLIC_ID_PATTERN}}}"
RECURRING = f"/recurring/{{recurring_id:{PUBLIC_ID_PATTERN}}}"


@pages.get("/webhooks")
async def show_webhooks(visit: Visit) -> web.StreamResponse:
    """List the webhooks."""
    page = await webhooks.listed(visit.db, visit.actor, visit.window())
    return visit.render("webhooks.html", page=page, events=webhooks.EVENTS)


@pages.post("/webhooks", again=show_webhooks)
async def create_webhook(visit: Visit) -> web.StreamResponse:
    """Register an address, and show the secret, once."""
    chosen = [event for event in webhooks.EVENTS if visit.typed(event) == "yes"]
    draft = read_webhook(visit.fields(), chosen)
    webhook = await webhooks.create(visit.db, visit.actor, draft)
    visit.status = 201
    return visit.render("webhook_created.html", webhook=webhook, signature=webhooks.SIGNATURE)


@pages.get(WEBHOOK)
async def show_deliveries(visit: Visit) -> web.StreamResponse:
    """Show what a webhook was told."""
    webhook = await webhooks.get(visit.db, visit.actor, visit.param("webhook_id"))
    page = await webhooks.deliveries(visit.db, webhook, visit.window())
    return visit.render("webhook.html", webhook=webhook, page=page)


@pages.post(f"{WEBHOOK}/deliveries/{{delivery_id:{PUBLIC_ID_PATTERN}}}/redeliver")
async def redeliver(visit: Visit) -> web.StreamResponse:
    """Send something again."""
    webhook = await webhooks.get(visit.db, visit.actor, visit.param("webhook_id"))
    await webhooks.redeliver(visit.db, webhook, visit.param("delivery_id"))
    return visit.redirect(f"/webhooks/{webhook.public_id}", "It will be sent again within 15 minutes.")


@pages.post(f"{WEBHOOK}/enable")
async def enable(visit: Visit) -> web.StreamResponse:
    """Switch it on again."""
    webhook = await webhooks.get(visit.db, visit.actor, visit.param("webhook_id"))
    await webhooks.enable(visit.db, visit.actor, webhook)
    return visit.redirect(f"/webhooks/{webhook.public_id}", "Webhook enabled.")


@pages.post(f"{WEBHOOK}/delete")
async def delete_webhook(visit: Visit) -> web.StreamResponse:
    """Tell it nothing more."""
    webhook = await webhooks.get(visit.db, visit.actor, visit.param("webhook_id"))
    await webhooks.remove(visit.db, visit.actor, webhook)
    return visit.redirect("/webhooks", "Webhook deleted.")


@pages.get("/recurring")
async def show_recurring(visit: Visit) -> web.StreamResponse:
    """List the recurring tasks."""
    return visit.render(
        "recurring.html",
        page=await recurring.listed(visit.db, visit.actor, visit.window()),
        projects=await projects.active(visit.db, visit.actor),
        members=await teams.names(visit.db, visit.actor),
        weekdays=WEEKDAYS,
        today=day_of(visit.actor.organisation, now()),
    )


@pages.post("/recurring", again=show_recurring)
async def create_recurring(visit: Visit) -> web.StreamResponse:
    """Begin to repeat a task."""
    fields = visit.fields()
    weekdays = [number for number, name in enumerate(WEEKDAYS) if visit.typed(name.lower()) == "yes"]
    project_id = fields.reference("project", "Project")
    draft = await read_recurring(visit.db, visit.actor, fields, weekdays)
    project = await projects.get(visit.db, visit.actor, project_id or "")
    made = await recurring.create(visit.db, visit.actor, project, draft)
    return visit.redirect("/recurring", f"{made.title} will be made first on {made.next_on}.")


@pages.post(f"{RECURRING}/delete")
async def delete_recurring(visit: Visit) -> web.StreamResponse:
    """Stop."""
    found = await recurring.get(visit.db, visit.actor, visit.param("recurring_id"))
    await recurring.remove(visit.db, visit.actor, found)
    return visit.redirect("/recurring", f"{found.title} is not repeated any more.")
