"""What things look like in JSON. ``openapi.py`` has the schema of each."""

from typing import Any

from tracker.automation_models import RecurringTask, Webhook, WebhookDelivery
from tracker.models import (
    Activity,
    AuditEvent,
    Comment,
    Label,
    Membership,
    Notification,
    Project,
    SavedFilter,
    ShareLink,
    Task,
    User,
)


def person(user: User | None) -> dict[str, Any] | None:
    """Return who somebody is."""
    return None if user is None else {"id": user.public_id, "name": user.name}


def member(membership: Membership) -> dict[str, Any]:
    """Return a member."""
    user = membership.user
    return {"id": user.public_id, "name": user.name, "email": user.email, "role": membership.role}


def project(row: Project) -> dict[str, Any]:
    """Return a project."""
    return {
        "id": row.public_id,
        "name": row.name,
        "archived": row.archived_at is not None,
        "created_at": row.created_at.isoformat(),
    }


def label(row: Label) -> dict[str, Any]:
    """Return a label."""
    return {"id": row.public_id, "name": row.name, "colour": row.colour}


def brief_task(row: Task) -> dict[str, Any]:
    """Return a task as it is in a search result."""
    return {
        "id": row.public_id,
        "title": row.title,
        "status": row.status,
        "priority": row.priority,
        "project_id": row.project.public_id,
        "assignee": person(row.assignee),
        "due_on": row.due_on.isoformat() if row.due_on else None,
    }


def task(row: Task) -> dict[str, Any]:
    """Return a task."""
    return {
        **brief_task(row),
        "description": row.description,
        "labels": [label(x) for x in row.labels],
        "version": row.version,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def comment(row: Comment) -> dict[str, Any]:
    """Return a comment."""
    return {
        "id": row.public_id,
        "author": person(row.author),
        "body": row.body,
        "created_at": row.created_at.isoformat(),
    }


def activity(row: Activity) -> dict[str, Any]:
    """Return a line of the feed."""
    return {
        "actor": person(row.actor),
        "verb": row.verb,
        "subject": row.subject,
        "project_id": row.project.public_id if row.project else None,
        "task_id": row.task.public_id if row.task else None,
        "at": row.at.isoformat(),
    }


def saved_filter(row: SavedFilter) -> dict[str, Any]:
    """Return a saved filter; ``None`` means any."""
    return {
        "id": row.public_id,
        "name": row.name,
        "shared": row.shared,
        "owner": person(row.owner),
        "project_id": row.project.public_id,
        "status": row.status or None,
        "assignee": row.assignee or None,
        "label": row.label or None,
    }


def notification(row: Notification) -> dict[str, Any]:
    """Return a notification."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "text": row.text,
        "task_id": row.task.public_id if row.task else None,
        "read": row.read_at is not None,
        "created_at": row.created_at.isoformat(),
    }


def share_link(row: ShareLink) -> dict[str, Any]:
    """Return a share link, without its address."""
    return {
        "id": row.public_id,
        "task_id": row.task.public_id if row.task else None,
        "project_id": row.project.public_id if row.project else None,
        "comments": row.with_comments,
        "creator": person(row.creator),
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }


def audit_event(row: AuditEvent) -> dict[str, Any]:
    """Return a line of the audit log."""
    return {
        "actor": person(row.actor),
        "kind": row.kind,
        "subject": row.subject,
        "address": row.address,
        "at": row.at.isoformat(),
    }


def webhook(row: Webhook) -> dict[str, Any]:
    """Return a webhook, without its secret."""
    return {
        "id": row.public_id,
        "url": row.url,
        "events": row.events.split(),
        "enabled": row.disabled_at is None,
        "created_at": row.created_at.isoformat(),
    }


def delivery(row: WebhookDelivery) -> dict[str, Any]:
    """Return a delivery."""
    return {
        "id": row.public_id,
        "event": row.event,
        "state": row.state,
        "attempts": row.attempts,
        "answer": row.answer,
        "next_attempt_at": row.next_attempt_at.isoformat() if row.state == "waiting" else None,
        "created_at": row.created_at.isoformat(),
    }


def recurring(row: RecurringTask) -> dict[str, Any]:
    """Return a recurring task."""
    return {
        "id": row.public_id,
        "title": row.title,
        "description": row.description,
        "priority": row.priority,
        "project_id": row.project.public_id,
        "assignee": person(row.assignee),
        "frequency": row.frequency,
        "weekdays": [int(digit) for digit in row.weekdays],
        "month_day": row.month_day,
        "next_on": row.next_on.isoformat(),
    }
