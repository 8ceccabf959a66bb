"""The OpenAPI document. ``tests/test_openapi.py`` compares it with the routes and with real answers."""

from functools import cache
from typing import Any

from aiohttp import web

from tracker import __version__
from tracker.actors import ROLES
from tracker.api.routing import PREFIX
from tracker.audit import KINDS as AUDIT_KINDS
from tracker.labels import COLOURS
from tracker.paging import API_PAGE, API_PAGE_MOST
from tracker.task_input import MOST_COMMENT, MOST_DESCRIPTION, MOST_TITLE
from tracker.tasks import PRIORITIES, STATUSES

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": "^[a-z2-7]{12}$"}
TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": ["string", "null"], "format": "date"}
CURSOR: Schema = {"type": ["string", "null"], "description": "Send it as ?cursor= for the next page."}


def _text(most: int, least: int = 1) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def _one_of(values: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _page(name: str) -> Schema:
    return _object({"items": {"type": "array", "items": _ref(name)}, "next_cursor": CURSOR})


_BRIEF = {
    "id": ID,
    "title": TEXT,
    "status": _one_of(STATUSES),
    "priority": _one_of(PRIORITIES),
    "project_id": ID,
    "assignee": _or_null(_ref("Person")),
    "due_on": DAY,
}
_WRITABLE = {
    "title": _text(MOST_TITLE),
    "description": _text(MOST_DESCRIPTION, 0),
    "status": _one_of(STATUSES),
    "priority": _one_of(PRIORITIES),
    "assignee": {**_or_null(ID), "description": "A member's id."},
    "due_on": DAY,
}
_OPTIONAL = {name: schema for name, schema in _WRITABLE.items() if name != "title"}
_VERSION = {"type": "integer", "minimum": 1}
_SHARE_LINK = {
    "id": ID,
    "task_id": _or_null(ID),
    "project_id": _or_null(ID),
    "comments": {"type": "boolean"},
    "creator": _or_null(_ref("Person")),
    "created_at": MOMENT,
    "expires_at": _or_null(MOMENT),
}

SCHEMAS: dict[str, Schema] = {
    "Person": _object({"id": ID, "name": TEXT}),
    "Member": _object({"id": ID, "name": TEXT, "email": TEXT, "role": _one_of(ROLES)}),
    "Project": _object({"id": ID, "name": TEXT, "archived": {"type": "boolean"}, "created_at": MOMENT}),
    "NewProject": _object({"name": _text(100)}),
    "ProjectChange": _object({}, {"name": _text(100), "archived": {"type": "boolean"}}),
    "Label": _object({"id": ID, "name": TEXT, "colour": _one_of(COLOURS)}),
    "NewLabel": _object({"name": _text(50)}, {"colour": _one_of(COLOURS)}),
    "BriefTask": _object(_BRIEF),
    "Task": _object(
        {
            **_BRIEF,
            "description": TEXT,
            "labels": {"type": "array", "items": _ref("Label")},
            "version": _VERSION,
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
    ),
    "NewTask": _object({"project_id": ID, "title": _text(MOST_TITLE)}, _OPTIONAL),
    "TaskChange": _object({}, {**_WRITABLE, "version": _VERSION}),
    "Comment": _object({"id": ID, "author": _or_null(_ref("Person")), "body": TEXT, "created_at": MOMENT}),
    "NewComment": _object({"body": _text(MOST_COMMENT)}),
    "Activity": _object(
        {
            "actor": _or_null(_ref("Person")),
            "verb": TEXT,
            "subject": TEXT,
            "project_id": _or_null(ID),
            "task_id": _or_null(ID),
            "at": MOMENT,
        }
    ),
    "Filter": _object(
        {
            "id": ID,
            "name": TEXT,
            "shared": {"type": "boolean"},
            "owner": _ref("Person"),
            "project_id": ID,
            "status": _or_null(_one_of(STATUSES)),
            "assignee": _or_null(TEXT),
            "label": _or_null(ID),
        }
    ),
    "NewFilter": _object(
        {"project_id": ID, "name": _text(100)},
        {"shared": {"type": "boolean"}, "status": _one_of(STATUSES), "assignee": TEXT, "label": ID},
    ),
    "FilterChange": _object({}, {"name": _text(100), "shared": {"type": "boolean"}}),
    "Notification": _object(
        {
            "id": ID,
            "kind": TEXT,
            "text": TEXT,
            "task_id": _or_null(ID),
            "read": {"type": "boolean"},
            "created_at": MOMENT,
        }
    ),
    "ShareLink": _object(_SHARE_LINK),
    "CreatedShareLink": _object(
        {**_SHARE_LINK, "path": {**TEXT, "description": "Below our address; it is not told again."}}
    ),
    "NewShareLink": _object(
        {}, {"task_id": ID, "project_id": ID, "comments": {"type": "boolean"}, "last_day": DAY}
    ),
    "AuditEvent": _object(
        {
            "actor": _or_null(_ref("Person")),
            "kind": _one_of(tuple(AUDIT_KINDS)),
            "subject": TEXT,
            "address": TEXT,
            "at": MOMENT,
        }
    ),
    "Error": _object(
        {
            "error": _object(
                {"code": TEXT, "message": TEXT},
                {"fields": {"type": "object", "additionalProperties": TEXT}},
            )
        }
    ),
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
):
    SCHEMAS[f"{_name}Page"] = _page(_name)

_REFUSALS = {
    400: "The request cannot be understood.",
    401: "There is no valid token.",
    403: "The token's owner may not do this.",
    404: "There is no such thing in this organisation.",
    409: "It cannot be done in the present state. With code `stale_version`: read again, then retry.",
    413: "The body is too large.",
    422: "Some fields are wrong: see `fields`.",
}


def _query(name: str, schema: Schema, description: str = "") -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


PAGING = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": API_PAGE_MOST, "default": API_PAGE}),
    _query("cursor", TEXT, "The `next_cursor` of the page before."),
]
FILTERS = [
    _query("project", ID),
    _query("status", _one_of(STATUSES)),
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
        success["content"] = {"application/json": {"schema": _ref(answer)}}
    refusals = {
        str(code): {"description": text, "content": {"application/json": {"schema": _ref("Error")}}}
        for code, text in _REFUSALS.items()
    }
    described: Schema = {
        "summary": summary,
        "responses": {str(status if answer else 204): success, **refusals},
    }
    if parameters:
        described["parameters"] = parameters
    if body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(body)}},
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
        "delete": _operation("Delete a task (its creator, owners and admins)"),
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
        "get": _operation("List all labels by name", "LabelPage"),
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
            parameters=[*PAGING, _query("kind", _one_of(tuple(AUDIT_KINDS)))],
        )
    },
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
