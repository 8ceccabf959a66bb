"""What a request of each kind costs on the good product, and how to measure it: the cloud's demand probe.

The kinds of work are those of every journey's `work`.
"""

from typing import Any

from agents.users.nonces import reference
from agents.users.population.columns import Population
from agents.users.population.names import identity
from bus.chance import Chance

_SAME = {"sec-fetch-site": "same-origin"}
_API = {"authorization": "Bearer {token}"}
_LINES = (
    '[{"description": "Hours", "quantity": "2.75", "unit_price": "95.50", "tax_rate": "19"},'
    ' {"description": "Travel", "quantity": "40", "unit_price": "0.42", "tax_rate": "7"}]'
)

KINDS: dict[str, tuple[float, float]] = {
    "page": (2.4, 0.0),
    "list": (3.7, 0.0),
    "document": (6.8, 0.0),
    "form": (2.4, 0.0),
    "write": (3.7, 1.4),
    "issue": (8.0, 3.0),
    "search": (2.6, 0.0),
    "report": (2.9, 0.0),
    "export": (4.8, 0.0),
    "login": (4.6, 1.6),
    "api_list": (4.0, 0.0),
    "api_read": (3.0, 0.0),
    "api_write": (8.0, 3.0),
}
"""By kind: CPU, and of that the time in which the database's one writer is held; reference milliseconds.

Measured on the good product with the world `folio`'s history (least of four blocks of twelve requests, on a busy machine).
Time of the writer: assumed, as a third of what writes. A world's scale of hardware is the scenario's.
"""


def probe_plan(population: Population, chance: Chance) -> dict[str, Any]:
    """The probe's data, as `services/cloud/demand.py` reads it: an executed customer's owner does each kind of work."""
    row = int(population.customers.panel.argmax())
    customer = population.customers.ident[row]
    owner = identity(customer, population.customers.name[row], 0, chance)
    credentials = {"email": owner.email, "password": owner.password}
    log_in = {"method": "POST", "path": "/login", "form": credentials, "headers": _SAME}
    nonce = reference(customer, chance, "invoice", 1)
    requests = _requests(nonce, log_in)
    return {
        "login": [
            log_in,
            {"path": "/clients", "capture": {"client": _address("clients", reference(customer, chance, "client", 0))}},
            {"path": f"/search?q={nonce}", "capture": {"invoice": _address("invoices", "Invoice")}},
            {"path": "/reports", "capture": {"quarter": r"Export ([0-9]{4}-Q[1-4]) as CSV"}},
            {
                "method": "POST",
                "path": "/account/tokens",
                "form": {"token_name": "probe"},
                "headers": _SAME,
                "capture": {"token": r"(fol_[\w-]+)"},
            },
        ],
        "kinds": [
            {"kind": kind, "cpu_ms": cpu, "write_ms": write, "request": requests[kind]}
            for kind, (cpu, write) in KINDS.items()
        ],
    }


def _requests(nonce: str, log_in: dict[str, Any]) -> dict[str, dict[str, Any]]:
    issue = {
        "method": "POST",
        "path": "/api/v1/invoices",
        "json_body": f'{{"client_id": "{{{{client}}}}", "subject": "Job {{{{n}}}}", "issue": true, "lines": {_LINES}}}',
        "headers": _API,
    }
    head = {"client": "{client}", "subject": "Job {n}", "payment_days": "14"}
    return {
        "page": {"path": "/items"},
        "list": {"path": "/invoices"},
        "document": {"path": "/invoices/{invoice}"},
        "form": {"path": "/invoices/new"},
        "write": {"method": "POST", "path": "/invoices", "form": head, "headers": _SAME},
        "issue": issue,
        "search": {"path": f"/search?q={nonce}"},
        "report": {"path": "/reports"},
        "export": {"path": "/reports/export.csv?period={quarter}"},
        "login": log_in,
        "api_list": {"path": "/api/v1/invoices?limit=50", "headers": _API},
        "api_read": {"path": "/api/v1/invoices/{invoice}", "headers": _API},
        "api_write": issue,
    }


def _address(folder: str, text: str) -> str:
    """The pattern of a link with that text."""
    return rf'href="/{folder}/([a-z2-7]{{12}})"[^>]*>[^<]*{text}'
