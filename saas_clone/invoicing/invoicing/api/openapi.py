"""The OpenAPI document. A test compares it with the routes and with real answers."""

from functools import cache
from typing import Any

from aiohttp import web

from invoicing import __version__
from invoicing.api.calls import PREFIX
from invoicing.documents import FILTERS
from invoicing.drafts import MOST_LINES, MOST_NOTES
from invoicing.paging import API_ROWS, MOST_ROWS
from invoicing.templating import KIND_NAMES, STATUS_NAMES

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": "^[a-z2-7]{12}$"}
TEXT: Schema = {"type": "string"}
CENTS: Schema = {"type": "integer", "description": "Hundredths of the currency."}
DECIMAL: Schema = {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}
DAY: Schema = {"type": "string", "format": "date"}
DAY_OR_NOT: Schema = {"type": ["string", "null"], "format": "date"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _text(most: int) -> Schema:
    return {"type": "string", "maxLength": most}


_CLIENT = {"name": _text(200), "email": _text(254), "address": _text(500), "vat_number": _text(40)}
_CLIENT_REST = {name: schema for name, schema in _CLIENT.items() if name != "name"}
_BRIEF = {
    "id": ID,
    "kind": {"type": "string", "enum": list(KIND_NAMES)},
    "number": {"type": ["string", "null"]},
    "status": {"type": "string", "enum": list(STATUS_NAMES)},
    "client_id": ID,
    "subject": TEXT,
    "issued_on": DAY_OR_NOT,
    "due_on": DAY_OR_NOT,
    "currency": TEXT,
    **{f"{name}_cents": CENTS for name in ("net", "tax", "total", "paid", "credited", "open")},
}

SCHEMAS: dict[str, Schema] = {
    "Client": _object({"id": ID, **_CLIENT}),
    "NewClient": _object({"name": _text(200)}, _CLIENT_REST),
    "Item": _object({"id": ID, "name": TEXT, "unit": TEXT, "unit_price_cents": CENTS, "tax_rate": DECIMAL}),
    "Line": _object(
        {
            "description": TEXT,
            "unit": TEXT,
            "quantity": DECIMAL,
            "unit_price_cents": CENTS,
            "discount": DECIMAL,
            "tax_rate": DECIMAL,
            "net_cents": CENTS,
        }
    ),
    "NewLine": _object(
        {"description": _text(500), "quantity": DECIMAL, "unit_price": DECIMAL, "tax_rate": DECIMAL},
        {"unit": _text(20), "discount": DECIMAL},
    ),
    "Tax": _object({"tax_rate": DECIMAL, "net_cents": CENTS, "tax_cents": CENTS}),
    "BriefInvoice": _object(_BRIEF),
    "Invoice": _object({**_BRIEF, "notes": TEXT, "lines": _list("Line"), "taxes": _list("Tax")}),
    "NewInvoice": _object(
        {"client_id": ID, "subject": _text(200), "lines": {**_list("NewLine"), "minItems": 1, "maxItems": MOST_LINES}},
        {
            "notes": _text(MOST_NOTES),
            "payment_days": {"type": "integer", "minimum": 0},
            "issue": {"type": "boolean", "description": "Issue it at once."},
        },
    ),
    "Payment": _object(
        {
            "id": ID,
            "amount_cents": CENTS,
            "received_on": DAY,
            "reference": TEXT,
            "invoice_id": {"anyOf": [ID, {"type": "null"}]},
        }
    ),
    "NewPayment": _object({"amount": DECIMAL}, {"received_on": DAY, "reference": _text(200), "invoice_id": ID}),
    "VatReport": _object(
        {
            "period": TEXT,
            "documents": {"type": "integer"},
            "rates": _list("Tax"),
            "net_cents": CENTS,
            "tax_cents": CENTS,
        }
    ),
    "Error": _object(
        {
            "error": _object(
                {"code": TEXT, "message": TEXT}, {"fields": {"type": "object", "additionalProperties": TEXT}}
            )
        }
    ),
}
for _name in ("Client", "Item", "BriefInvoice", "Payment"):
    SCHEMAS[f"{_name}Page"] = _object({"items": _list(_name), "next_cursor": {"type": ["string", "null"]}})

REFUSALS = {
    400: "The request cannot be understood.",
    401: "There is no valid token.",
    403: "The token's owner may not do this.",
    404: "There is no such thing in this firm.",
    409: "It cannot be done now; `idempotency_key_reused`: the key came with another request.",
    413: "The body is too large.",
    422: "Some fields are wrong: see `fields`.",
}


def _query(name: str, schema: Schema, description: str = "") -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


PAGING = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": API_ROWS}),
    _query("cursor", TEXT, "The `next_cursor` of the page before."),
]
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    "description": "The same key and request get the same answer for three days, and one effect.",
}


def _operation(
    summary: str, answer: str, *, body: str = "", status: int = 200, parameters: list[Schema] | None = None
) -> Schema:
    described: Schema = {
        "summary": summary,
        "responses": {
            str(status): {"description": "Done.", "content": {"application/json": {"schema": _ref(answer)}}},
            **{
                str(code): {"description": text, "content": {"application/json": {"schema": _ref("Error")}}}
                for code, text in REFUSALS.items()
            },
        },
    }
    if parameters:
        described["parameters"] = parameters
    if body:
        content = {"application/json": {"schema": _ref(body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


PATHS: dict[str, Schema] = {
    "/clients": {
        "get": _operation("List clients, the newest first", "ClientPage", parameters=PAGING),
        "post": _operation("Add a client", "Client", body="NewClient", status=201),
    },
    "/clients/{client_id}": {
        "get": _operation("Get a client", "Client"),
        "put": _operation("Write a client anew", "Client", body="NewClient"),
    },
    "/items": {"get": _operation("List the catalogue, the newest first", "ItemPage", parameters=PAGING)},
    "/invoices": {
        "get": _operation(
            "List invoices and credit notes, the newest first",
            "BriefInvoicePage",
            parameters=[*PAGING, _query("show", {"type": "string", "enum": list(FILTERS)}), _query("client", ID)],
        ),
        "post": _operation(
            "Draft an invoice, and issue it if asked", "Invoice", body="NewInvoice", status=201, parameters=[ONCE]
        ),
    },
    "/invoices/{invoice_id}": {"get": _operation("Get an invoice or a credit note", "Invoice")},
    "/invoices/{invoice_id}/issue": {"post": _operation("Issue a draft", "Invoice", parameters=[ONCE])},
    "/invoices/{invoice_id}/send": {"post": _operation("Send it to the client", "Invoice")},
    "/invoices/{invoice_id}/credit": {"post": _operation("Draft a credit note for all of it", "Invoice", status=201)},
    "/payments": {
        "get": _operation(
            "List payments, the newest first",
            "PaymentPage",
            parameters=[*PAGING, _query("unmatched", {"type": "boolean"})],
        ),
        "post": _operation("Record a payment", "Payment", body="NewPayment", status=201, parameters=[ONCE]),
    },
    "/reports/vat": {
        "get": _operation("VAT per rate", "VatReport", parameters=[_query("period", TEXT, "2026-Q1 or 2026-03")])
    },
    "/search": {
        "get": _operation(
            "Find documents that hold all words", "BriefInvoicePage", parameters=[*PAGING, _query("q", TEXT)]
        )
    },
}


def _with_parameters(path: str, operations: Schema) -> Schema:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    own = [{"name": name, "in": "path", "required": True, "schema": ID} for name in names]
    return {**({"parameters": own} if own else {}), **operations}


@cache
def document() -> Schema:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Folio API", "version": __version__},
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": {path: _with_parameters(path, found) for path, found in PATHS.items()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
        },
    }


async def serve(_request: web.Request) -> web.Response:
    """Hand it out; it is public."""
    return web.json_response(document())
