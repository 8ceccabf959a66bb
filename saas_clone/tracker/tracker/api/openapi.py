"""The OpenAPI document. ``tests/test_openapi.py`` compares it with the routes and with real answers."""

from functools import cache

from aiohttp import web

from tracker import __version__
from tracker.actors import ROLES
from tracker.api import automation_schemas as automation
from tracker.api.routing import PREFIX
from tracker.api.schema_parts import (
    DAY,
    ID,
    MOMENT,
    TEXT,
    Schema,
    one_of,
    or_null,
    page,
    record,
    ref,
    text,
)
from tracker.audit import KINDS as AUDIT_KINDS
from tracker.bulk import MOST_TASKS
from tracker.labels import COLOURS
from tracker.paging import API_PAGE, API_PAGE_MOST
from tracker.problems import CONTENT_TYPE
from tracker.task_input import MOST_COMMENT, MOST_DESCRIPTION, MOST_TITLE
from tracker.tasks import PRIORITIES, STATUSES

_BRIEF = {
    "id": ID,
    "title": TEXT,
    "status": one_of(STATUSES),
    "priority": one_of(PRIORITIES),
    "project_id": ID,
    "assignee": or_null(ref("Person")),
    "due_on": DAY,
}
_WRITABLE = {
    "title": text(MOST_TITLE),
    "description": text(MOST_DESCRIPTION, 0),
    "status": one_of(STATUSES),
    "priority": one_of(PRIORITIES),
    "assignee": {**or_null(ID), "description": "A member's id."},
    "due_on": DAY,
}
_OPTIONAL = {name: schema for name, schema in _WRITABLE.items() if name != "title"}
_VERSION = {"type": "integer", "minimum": 1}
_SHARE_LINK = {
    "id": ID,
    "task_id": or_null(ID),
    "project_id": or_null(ID),
    "comments": {"type": "boolean"},
    "creator": or_null(ref("Person")),
    "created_at": MOMENT,
    "expires_at": or_null(MOMENT),
}

SCHEMAS: dict[str, Schema] = {
    "Person": record({"id": ID, "name": TEXT}),
    "Member": record({"id": ID, "name": TEXT, "email": TEXT, "role": one_of(ROLES)}),
    "Project": record({"id": ID, "name": TEXT, "archived": {"type": "boolean"}, "created_at": MOMENT}),
    "NewProject": record({"name": text(100)}),
    "ProjectChange": record({}, {"name": text(100), "archived": {"type": "boolean"}}),
    "Label": record({"id": ID, "name": TEXT, "colour": one_of(COLOURS)}),
    "NewLabel": record({"name": text(50)}, {"colour": one_of(COLOURS)}),
    "BriefTask": record(_BRIEF),
    "Task": record(
        {
            **_BRIEF,
            "description": TEXT,
            "labels": {"type": "array", "items": ref("Label")},
            "version": _VERSION,
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
    ),
    "NewTask": record({"project_id": ID, "title": text(MOST_TITLE)}, _OPTIONAL),
    "TaskChange": record({}, {**_WRITABLE, "version": _VERSION}),
    "Comment": record({"id": ID, "author": or_null(ref("Person")), "body": TEXT, "created_at": MOMENT}),
    "NewComment": record({"body": text(MOST_COMMENT)}),
    "Activity": record(
        {
            "actor": or_null(ref("Person")),
            "verb": TEXT,
            "subject": TEXT,
            "project_id": or_null(ID),
            "task_id": or_null(ID),
            "at": MOMENT,
        }
    ),
    "Filter": record(
        {
            "id": ID,
            "name": TEXT,
            "shared": {"type": "boolean"},
            "owner": ref("Person"),
            "project_id": ID,
            "status": or_null(one_of(STATUSES)),
            "assignee": or_null(TEXT),
            "label": or_null(ID),
        }
    ),
    "NewFilter": record(
        {"project_id": ID, "name": text(100)},
        {"shared": {"type": "boolean"}, "status": one_of(STATUSES), "assignee": TEXT, "label": ID},
    ),
    "FilterChange": record({}, {"name": text(100), "shared": {"type": "boolean"}}),
    "Notification": record(
        {
            "id": ID,
            "kind": TEXT,
            "text": TEXT,
            "task_id": or_null(ID),
            "read": {"type": "boolean"},
            "created_at": MOMENT,
        }
    ),
    "ShareLink": record(_SHARE_LINK),
    "CreatedShareLink": record(
        {**_SHARE_LINK, "path": {**TEXT, "description": "Below our address; it is not told again."}}
    ),
    "NewShareLink": record(
        {}, {"task_id": ID, "project_id": ID, "comments": {"type": "boolean"}, "last_day": DAY}
    ),
    "AuditEvent": record(
        {
            "actor": or_null(ref("Person")),
            "kind": one_of(tuple(AUDIT_KINDS)),
            "subject": TEXT,
            "address": TEXT,
            "at": MOMENT,
        }
    ),
    "Problem": record(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "code": {"type": "string", "description": "Short and stable, for programs."},
        },
        {"fields": {"type": "object", "additionalProperties": TEXT}},
    ),
    "BulkChange": record(
        {
            "tasks": {
                "type": "array",
                "items": record({"id": ID, "version": _VERSION}),
                "maxItems": MOST_TASKS,
            }
        },
        {
            "status": one_of(STATUSES),
            "assignee": _WRITABLE["assignee"],
            "label": ID,
            "delete": {"type": "boolean"},
        },
    ),
    "Tasks": record({"items": {"type": "array", "items": ref("Task")}}),
    **automation.SCHEMAS,
}
for _name in (
    "Project",
    "Task",
    "BriefTask",
    "Comment",
    "Label",
    "Member",
    "Activity",
    "Filter",
    "Notification",
    "ShareLink",
    "AuditEvent",
    "Webhook",
    "Delivery",
    "RecurringTask",
):
    SCHEMAS[f"{_name}Page"] = page(_name)

_REFUSALS = {
    400: "The request cannot be understood.",
    401: "There is no valid token.",
    403: "The token's owner may not do this.",
    404: "There is no such thing in this organisation.",
    409: "It cannot be done in the present state. With code `stale_version`: read again, then retry.",
    412: "The version in If-Match is not the present one (code `stale_version`): read again, then retry.",
    413: "The body is too large.",
    422: "Some fields are wrong: see `fields`. Or an Idempotency-Key came with another request before.",
    429: "This token asks too often: see Retry-After and the RateLimit headers.",
}


def _query(name: str, schema: Schema, description: str = "") -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


PAGING = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": API_PAGE_MOST, "default": API_PAGE}),
    _query("cursor", TEXT, "The `next_cursor` of the page before."),
]
FILTERS = [
    _query("project", ID),
    _query("status", one_of(STATUSES)),
    _query("assignee", TEXT, "A member's id, or `nobody`."),
    _query("label", ID),
    _query("filter", ID, "A saved filter; the other fields then count for nothing."),
]
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "description": "The version that you have read (the `ETag` of the task); or send `version` in the body.",
}


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": text(200),
    "description": "Within 24 hours the same key with the same body gets the stored answer again.",
}


def _operation(
    summary: str,
    answer: str | None = None,
    *,
    status: int = 200,
    body: str | None = None,
    parameters: list[Schema] | None = None,
) -> Schema:
    """Describe one operation; ``answer`` and ``body`` are names of schemas, no ``answer`` is 204."""
    success: Schema = {"description": "Done."}
    if answer is not None:
        success["content"] = {"application/json": {"schema": ref(answer)}}
    refusals = {
        str(code): {"description": text, "content": {CONTENT_TYPE: {"schema": ref("Problem")}}}
        for code, text in _REFUSALS.items()
    }
    described: Schema = {
        "summary": summary,
        "responses": {str(status if answer else 204): success, **refusals},
    }
    if status == 201:
        parameters = [*(parameters or []), IDEMPOTENCY_KEY]
    if parameters:
        described["parameters"] = parameters
    if body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref(body)}},
        }
    return described


PATHS: dict[str, Schema] = {
    "/projects": {
        "get": _operation(
            "List projects, the newest first",
            "ProjectPage",
            parameters=[*PAGING, _query("archived", {"type": "boolean", "default": False})],
        ),
        "post": _operation("Create a project", "Project", status=201, body="NewProject"),
    },
    "/projects/{project_id}": {
        "get": _operation("Get a project", "Project"),
        "patch": _operation("Rename, archive or restore a project", "Project", body="ProjectChange"),
        "delete": _operation("Delete a project and all its tasks (owners and admins)"),
    },
    "/projects/{project_id}/activity": {
        "get": _operation("List what happened in a project", "ActivityPage", parameters=PAGING)
    },
    "/tasks": {
        "get": _operation("List tasks, the newest first", "TaskPage", parameters=[*PAGING, *FILTERS]),
        "post": _operation("Create a task", "Task", status=201, body="NewTask"),
    },
    "/tasks/{task_id}": {
        "get": _operation("Get a task", "Task"),
        "patch": _operation(
            "Change the given fields of a task", "Task", body="TaskChange", parameters=[IF_MATCH]
        ),
        "delete": _operation("Delete a task (its creator, owners and admins)", parameters=[IF_MATCH]),
    },
    "/tasks/bulk": {
        "post": _operation(
            "Change or delete several tasks: all of them, or none",
            "Tasks",
            body="BulkChange",
            parameters=[IDEMPOTENCY_KEY],
        )
    },
    "/tasks/{task_id}/comments": {
        "get": _operation("List comments, the newest first", "CommentPage", parameters=PAGING),
        "post": _operation("Comment on a task", "Comment", status=201, body="NewComment"),
    },
    "/tasks/{task_id}/comments/{comment_id}": {
        "delete": _operation("Delete a comment (its author, owners and admins)")
    },
    "/tasks/{task_id}/labels/{label_id}": {
        "put": _operation("Put a label on a task"),
        "delete": _operation("Take a label off a task"),
    },
    "/labels": {
        "get": _operation("List labels, the newest first", "LabelPage", parameters=PAGING),
        "post": _operation("Create a label", "Label", status=201, body="NewLabel"),
    },
    "/labels/{label_id}": {"delete": _operation("Delete a label")},
    "/search": {
        "get": _operation(
            "Find the tasks that hold all words in title, description or comments",
            "BriefTaskPage",
            parameters=[*PAGING, _query("q", TEXT)],
        )
    },
    "/members": {"get": _operation("List members", "MemberPage", parameters=PAGING)},
    "/activity": {
        "get": _operation("List what happened, the newest first", "ActivityPage", parameters=PAGING)
    },
    "/filters": {
        "get": _operation("List your own and the shared filters by name", "FilterPage"),
        "post": _operation("Save a filter of a project's list", "Filter", status=201, body="NewFilter"),
    },
    "/filters/{filter_id}": {
        "get": _operation("Get a saved filter", "Filter"),
        "patch": _operation(
            "Rename or share a filter (its owner, owners and admins)", "Filter", body="FilterChange"
        ),
        "delete": _operation("Delete a saved filter (its owner, owners and admins)"),
    },
    "/notifications": {
        "get": _operation("List your notifications, the newest first", "NotificationPage", parameters=PAGING)
    },
    "/notifications/read": {"put": _operation("Mark all your notifications as read")},
    "/notifications/{notification_id}/read": {"put": _operation("Mark a notification as read")},
    "/share-links": {
        "get": _operation("List share links, the newest first", "ShareLinkPage", parameters=PAGING),
        "post": _operation(
            "Make a link that shows a task, or a project's tasks, to whoever has it",
            "CreatedShareLink",
            status=201,
            body="NewShareLink",
        ),
    },
    "/share-links/{link_id}": {"delete": _operation("Revoke a share link (its maker, owners and admins)")},
    "/audit": {
        "get": _operation(
            "List what was done about security, the newest first (owners and admins)",
            "AuditEventPage",
            parameters=[*PAGING, _query("kind", one_of(tuple(AUDIT_KINDS)))],
        )
    },
    "/webhooks": {
        "get": _operation("List webhooks (owners and admins)", "WebhookPage", parameters=PAGING),
        "post": _operation(
            "Register a webhook (owners and admins)", "NewWebhookAnswer", status=201, body="NewWebhook"
        ),
    },
    "/webhooks/{webhook_id}": {"delete": _operation("Delete a webhook (owners and admins)")},
    "/webhooks/{webhook_id}/deliveries": {
        "get": _operation("List deliveries, the newest first", "DeliveryPage", parameters=PAGING)
    },
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": {
        "post": _operation("Send an event once more", "Delivery", parameters=[IDEMPOTENCY_KEY])
    },
    "/recurring": {
        "get": _operation("List recurring tasks, the newest first", "RecurringTaskPage", parameters=PAGING),
        "post": _operation("Begin to repeat a task", "RecurringTask", status=201, body="NewRecurringTask"),
    },
    "/recurring/{recurring_id}": {
        "delete": _operation("Stop to repeat a task (its author, owners and admins)")
    },
    "/reports": {"get": _operation("Throughput, time in state, open and overdue tasks", "Report")},
}


def _with_path_parameters(path: str, operations: Schema) -> Schema:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": ID} for name in names]
    return {**({"parameters": parameters} if parameters else {}), **operations}


@cache
def document() -> Schema:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tracker API", "version": __version__},
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": {path: _with_path_parameters(path, found) for path, found in PATHS.items()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
        },
    }


async def serve(_request: web.Request) -> web.Response:
    """Hand the document out; it is public."""
    return web.json_response(document())
