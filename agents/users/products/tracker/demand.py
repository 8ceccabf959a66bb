"""What a request of each kind costs on the good product, and how to measure it: the cloud's demand probe.

The kinds of work are those of every journey's `work`.
"""

from typing import Any

from agents.users.population.columns import Population
from agents.users.population.names import identity
from agents.users.products.tracker.history import places, remembered_nonce
from bus.chance import Chance

_SAME = {"sec-fetch-site": "same-origin"}
_API = {"authorization": "Bearer {token}"}

KINDS: dict[str, tuple[float, float]] = {
    "page": (1.8, 0.0),
    "list": (5.4, 0.0),
    "task": (4.3, 0.0),
    "form": (3.9, 0.0),
    "write": (4.3, 1.6),
    "search": (2.5, 0.0),
    "feed": (3.2, 0.0),
    "file": (4.3, 0.0),
    "login": (5.0, 1.6),
    "api_list": (5.4, 0.0),
    "api_read": (3.2, 0.0),
    "api_write": (5.0, 1.6),
}
"""By kind: CPU, and of that the time in which the database's one writer is held; reference milliseconds.

Their proportions were measured on the good product with the default world's history (least of six blocks of 40 requests,
on a busy machine); the scale is that of an idle one, where such a request takes 1.6-3.2 ms (MEASURED.md 2.2) and these
pages, with templates, somewhat more. Time of the writer: assumed. A world's scale of hardware is the scenario's.
"""


def probe_plan(population: Population, chance: Chance) -> dict[str, Any]:
    """The probe's data, as `services/cloud/demand.py` reads it: an executed customer's owner does each kind of work."""
    row = int(population.customers.panel.argmax())
    customer = population.customers.ident[row]
    owner = identity(customer, population.customers.name[row], 0, chance)
    place = places(customer, chance)[0]
    credentials = {"email": owner.email, "password": owner.password}
    log_in = {"method": "POST", "path": "/login", "form": credentials, "headers": _SAME}
    nonce = remembered_nonce(customer, chance, 0)
    requests = _requests(nonce, log_in)
    return {
        "login": [
            log_in,
            {"path": "/projects", "capture": {"project": _address("projects", place)}},
            {"path": "/projects/{project}"},
            {"path": f"/search?q={nonce}", "capture": {"task": r'href="/tasks/([a-z2-7]{12})"'}},
            {
                "method": "POST",
                "path": "/account/tokens",
                "form": {"name": "probe"},
                "headers": _SAME,
                "capture": {"token": r"(trk_[\w-]+)"},
            },
        ],
        "kinds": [
            {"kind": kind, "cpu_ms": cpu, "write_ms": write, "request": requests[kind]}
            for kind, (cpu, write) in KINDS.items()
        ],
    }


def _requests(nonce: str, log_in: dict[str, Any]) -> dict[str, dict[str, Any]]:
    task = {"title": "Card {n}", "description": "See below.", "status": "todo", "priority": "normal"}
    return {
        "page": {"path": "/notifications"},
        "list": {"path": "/projects/{project}?status=todo"},
        "task": {"path": "/tasks/{task}"},
        "form": {"path": "/tasks/{task}/edit"},
        "write": {"method": "POST", "path": "/projects/{project}/tasks", "form": task, "headers": _SAME},
        "search": {"path": f"/search?q={nonce}"},
        "feed": {"path": "/activity"},
        "file": {"path": "/tasks/{task}"},
        "login": log_in,
        "api_list": {"path": "/api/v1/tasks?project={project}&limit=50", "headers": _API},
        "api_read": {"path": "/api/v1/tasks/{task}", "headers": _API},
        "api_write": {
            "method": "POST",
            "path": "/api/v1/tasks",
            "json_body": '{"project_id": "{{project}}", "title": "Card {{n}}"}',
            "headers": _API,
        },
    }


def _address(folder: str, text: str) -> str:
    """The pattern of a link with that text."""
    return rf'href="/{folder}/([a-z2-7]{{12}})"[^>]*>\s*{text}'
