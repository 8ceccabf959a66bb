"""Small parts that the schemas of the OpenAPI document are made of."""

from typing import Any

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": "^[a-z2-7]{12}$"}
TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": ["string", "null"], "format": "date"}
CURSOR: Schema = {"type": ["string", "null"], "description": "Send it as ?cursor= for the next page."}

NEXT: Schema = {"type": ["string", "null"], "description": "Address of the next page, as in the header Link."}


def text(most: int, least: int = 1) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def one_of(values: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def record(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def page(name: str) -> Schema:
    rows = {"type": "array", "items": ref(name)}
    return record({"items": rows, "next_cursor": CURSOR, "next": NEXT})
