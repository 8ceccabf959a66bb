"""Webhooks, recurring tasks and reports, by API."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from aiohttp import web

from tracker import projects, recurring, reports, webhooks
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.automation_inputs import read_recurring, read_webhook
from tracker.errors import Invalid
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import now

operations = Operations()
WEBHOOK = f"/webhooks/{{webhook_id:{PUBLIC_ID_PATTERN}}}"
RECURRING = f"/recurring/{{recurring_id:{PUBLIC_ID_PATTERN}}}"


@operations.on("GET", "/webhooks")
async def list_webhooks(call: Call) -> web.Response:
    """List webhooks."""
    return call.page(await webhooks.listed(call.db, call.actor, call.window()), shapes.webhook)


@operations.on("POST", "/webhooks")
async def create_webhook(call: Call) -> web.Response:
    """Register an address; the answer holds its secret, which is not told again."""
    given = call.body.get("events")
    events = [event for event in given if isinstance(event, str)] if isinstance(given, list) else []
    webhook = await webhooks.create(call.db, call.actor, read_webhook(call.fields(), events))
    return web.json_response({**shapes.webhook(webhook), "secret": webhook.secret}, status=201)


@operations.on("DELETE", WEBHOOK)
async def delete_webhook(call: Call) -> web.Response:
    """Delete a webhook."""
    webhook = await webhooks.get(call.db, call.actor, call.param("webhook_id"))
    await webhooks.remove(call.db, call.actor, webhook)
    return web.Response(status=204)


@operations.on("GET", f"{WEBHOOK}/deliveries")
async def list_deliveries(call: Call) -> web.Response:
    """List what a webhook was told or is to be told."""
    webhook = await webhooks.get(call.db, call.actor, call.param("webhook_id"))
    return call.page(await webhooks.deliveries(call.db, webhook, call.window()), shapes.delivery)


@operations.on("POST", f"{WEBHOOK}/deliveries/{{delivery_id:{PUBLIC_ID_PATTERN}}}/redeliver")
async def redeliver(call: Call) -> web.Response:
    """Send something again."""
    webhook = await webhooks.get(call.db, call.actor, call.param("webhook_id"))
    delivery = await webhooks.redeliver(call.db, webhook, call.param("delivery_id"))
    return web.json_response(shapes.delivery(delivery))


@operations.on("GET", "/recurring")
async def list_recurring(call: Call) -> web.Response:
    """List recurring tasks."""
    return call.page(await recurring.listed(call.db, call.actor, call.window()), shapes.recurring)


@operations.on("POST", "/recurring")
async def create_recurring(call: Call) -> web.Response:
    """Begin to repeat a task."""
    fields = call.fields()
    project_id = fields.reference("project_id", "project_id") or ""
    draft = await read_recurring(call.db, call.actor, fields, _weekdays(call.body.get("weekdays", [])))
    project = await projects.get(call.db, call.actor, project_id)
    made = await recurring.create(call.db, call.actor, project, draft)
    return web.json_response(shapes.recurring(made), status=201)


def _weekdays(given: Any) -> Collection[int]:
    numbers = set(given) if isinstance(given, list) and all(type(x) is int for x in given) else {-1}
    if not numbers <= set(range(7)):
        raise Invalid({"weekdays": "weekdays must be numbers from 0 (Monday) to 6"})
    return numbers


@operations.on("DELETE", RECURRING)
async def delete_recurring(call: Call) -> web.Response:
    """Stop to repeat it."""
    found = await recurring.get(call.db, call.actor, call.param("recurring_id"))
    await recurring.remove(call.db, call.actor, found)
    return web.Response(status=204)


@operations.on("GET", "/reports")
async def show_reports(call: Call) -> web.Response:
    """Return how it goes."""
    found = asdict(await reports.report(call.db, call.actor, now()))
    for row in found["throughput"]:
        row["begins"] = row["begins"].isoformat()
    for row in found["overdue"]:
        row["due_on"] = row["due_on"].isoformat()
    return web.json_response(found)
