"""A company to take pictures of: Harbour & Pine builds furniture, and runs its work in Tracker."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

PASSWORD = "a quiet harbour"  # noqa: S105  # of a company that lives for a minute
COMPANY = "Harbour & Pine"
PEOPLE = {
    "Ines Carvalho": "owner",
    "Tomasz Lewandowski": "admin",
    "Amara Okafor": "admin",
    "Jonas Lindqvist": "member",
    "Mei-Ling Chen": "member",
    "Ruben Haddad": "member",
    "Sofia Marino": "member",
}
TODAY = date.today()

Task = tuple[str, str, str, str, int | None, tuple[str, ...]]
"""Title, status, priority, first name of the assignee, due in so many days, labels."""

WEB_SHOP: list[Task] = [
    ("Choose a payment provider", "done", "high", "Tomasz", -30, ("finance",)),
    ("Photograph the Alder chair", "done", "normal", "Sofia", -21, ("content",)),
    ("Write the returns policy in plain words", "done", "normal", "Amara", -18, ("content", "customers")),
    ("Product pages in Portuguese and Swedish", "done", "normal", "Jonas", -12, ("content",)),
    ("Stock levels come from the workshop's list", "done", "high", "Ruben", -9, ("backend",)),
    ("Wood samples: order form", "doing", "normal", "Mei-Ling", 6, ("design", "customers")),
    ("Compress the photos of the oak range", "todo", "low", "Sofia", None, ("content",)),
    ("Gift cards", "todo", "low", "", None, ("idea",)),
    ("Show delivery weeks instead of days", "todo", "normal", "Jonas", 12, ("customers",)),
    ("Invoices with the VAT number of companies", "todo", "high", "Amara", 8, ("finance",)),
    ("Checkout forgets the floor and the doorbell", "doing", "urgent", "Ruben", 1, ("bug", "customers")),
    ("Compare two tables side by side", "todo", "low", "Mei-Ling", None, ("design", "idea")),
    ("Newsletter for people who left a basket", "todo", "normal", "", 20, ("idea",)),
    ("Keyboard focus is lost in the photo gallery", "doing", "high", "Mei-Ling", 3, ("bug", "design")),
    ("Launch week: who answers which hours", "todo", "high", "Ines", 5, ("customers",)),
]
OTHERS: dict[str, list[Task]] = {
    "Winter fair": [("Book the stand", "done", "normal", "Ines", -120, ())],
    "Hiring": [("Read the joiners' applications", "doing", "normal", "Ines", 4, ())],
    "Customer care": [("Call Mrs. Duarte about her sideboard", "todo", "urgent", "Ines", 0, ("customers",))],
    "Workshop move": [
        ("Insure the band saw for the journey", "todo", "high", "Ines", 9, ("finance",)),
        ("Measure the doors of the new hall", "done", "normal", "Ruben", -4, ()),
    ],
    "Spring catalogue": [("Approve the cover", "doing", "high", "Ines", 2, ("design",))],
}
STORY = {
    "task": "Checkout forgets the floor and the doorbell",
    "description": (
        "Couriers ring at the wrong flat because the second address line does not reach the label.\n\n"
        "What people see: they type “3rd floor, Moreira”, go on to payment, come back to change the delivery week,"
        " and the line is empty. Eleven complaints since Monday.\n\n"
        "Done when: the line survives going back, and is printed on the label."
    ),
    "said": [
        ("Amara", "Two customers sent photos of the labels: the line is missing there too, even without going back."),
        ("Ruben", "Found it. The label has room for four lines and drops the third. Fix is on my bench, tests today."),
        ("Mei-Ling", "While you are there: the field's hint says “optional” twice."),
    ],
}


def email(name: str) -> str:
    """The address of a person of the company."""
    return f"{name.partition(' ')[0].lower()}@harbour-pine.example"


def document() -> dict[str, Any]:
    """What `python -m tracker seed` imports."""
    projects = [_project(name, tasks) for name, tasks in OTHERS.items()] + [_project("Web shop", WEB_SHOP)]
    projects[0]["archived"] = True
    users = [
        {"name": name, "email": email(name), "password": PASSWORD, "role": role, "created_at": _at(400 - 30 * n)}
        for n, (name, role) in enumerate(PEOPLE.items())
    ]
    company = {"name": COMPANY, "plan": "team", "seats": 10, "created_at": _at(400), "users": users}
    return {"organisations": [{**company, "projects": projects}]}


def _project(name: str, tasks: list[Task]) -> dict[str, Any]:
    return {"name": name, "created_at": _at(60), "tasks": [_task(*task) for task in tasks]}


def _task(
    title: str, status: str, priority: str, who: str, days: int | None, labels: tuple[str, ...]
) -> dict[str, Any]:
    story = STORY if title == STORY["task"] else {"description": "", "said": []}
    return {
        "title": title,
        "description": story["description"],
        "status": status,
        "priority": priority,
        "assignee_email": email(who) if who else None,
        "due_on": None if days is None else (TODAY + timedelta(days)).isoformat(),
        "created_at": _at(14),
        "labels": list(labels),
        "comments": [
            {"author_email": email(name), "body": body, "created_at": _at(3 - number)}
            for number, (name, body) in enumerate(story["said"])
        ],
    }


def _at(days: int) -> str:
    morning = datetime(TODAY.year, TODAY.month, TODAY.day, 8, 40, tzinfo=UTC)
    return (morning - timedelta(days)).isoformat()
