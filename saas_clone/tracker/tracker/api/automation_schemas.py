"""Schemas of webhooks, recurring tasks and reports, for the OpenAPI document."""

from tracker.api.schema_parts import DAY, ID, MOMENT, TEXT, Schema, one_of, or_null, record, ref, text
from tracker.recurrence import FREQUENCIES
from tracker.task_input import MOST_DESCRIPTION, MOST_TITLE
from tracker.tasks import PRIORITIES, STATUSES
from tracker.webhook_addresses import MOST_CHARACTERS
from tracker.webhooks import EVENTS

_COUNT: Schema = {"type": "integer", "minimum": 0}
_EVENTS: Schema = {"type": "array", "items": one_of(EVENTS)}
_DATE: Schema = {"type": "string", "format": "date"}
_WEEKDAYS: Schema = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}}
_MONTH_DAY: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": 31}
_WEBHOOK = {"id": ID, "url": TEXT, "events": _EVENTS, "enabled": {"type": "boolean"}, "created_at": MOMENT}


def _rows(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


SCHEMAS: dict[str, Schema] = {
    "Webhook": record(_WEBHOOK),
    "NewWebhook": record({"url": text(MOST_CHARACTERS), "events": _EVENTS}),
    "NewWebhookAnswer": record({**_WEBHOOK, "secret": TEXT}),
    "Delivery": record(
        {
            "id": ID,
            "event": one_of(EVENTS),
            "state": one_of(("waiting", "sent", "delivered", "failed")),
            "attempts": _COUNT,
            "answer": {"type": ["integer", "null"], "description": "HTTP status of the last attempt."},
            "next_attempt_at": or_null(MOMENT),
            "created_at": MOMENT,
        }
    ),
    "RecurringTask": record(
        {
            "id": ID,
            "title": TEXT,
            "description": TEXT,
            "priority": one_of(PRIORITIES),
            "project_id": ID,
            "assignee": or_null(ref("Person")),
            "frequency": one_of(FREQUENCIES),
            "weekdays": _WEEKDAYS,
            "month_day": _MONTH_DAY,
            "next_on": _DATE,
        }
    ),
    "NewRecurringTask": record(
        {"project_id": ID, "title": text(MOST_TITLE), "frequency": one_of(FREQUENCIES)},
        {
            "description": text(MOST_DESCRIPTION, 0),
            "priority": one_of(PRIORITIES),
            "assignee": or_null(ID),
            "weekdays": {**_WEEKDAYS, "description": "Monday is 0; for weekly ones."},
            "month_day": {**_MONTH_DAY, "description": "For monthly ones; in a shorter month its last day."},
            "first_on": {**DAY, "description": "Today without it, in the organisation's time zone."},
        },
    ),
    "Report": record(
        {
            "throughput": _rows(record({"begins": _DATE, "finished": _COUNT})),
            "time_in_state": _rows(
                record({"state": one_of(STATUSES), "tasks": _COUNT, "mean_seconds": _COUNT})
            ),
            "open_tasks": _rows(
                record(
                    {
                        "assignee_id": or_null(ID),
                        "assignee": or_null(TEXT),
                        "priority": one_of(PRIORITIES),
                        "tasks": _COUNT,
                    }
                )
            ),
            "overdue": _rows(record({"id": ID, "title": TEXT, "due_on": _DATE})),
            "overdue_count": _COUNT,
        }
    ),
}
