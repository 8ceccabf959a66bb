"""As much of JSON Schema as our OpenAPI document uses."""

import re
from typing import Any

KINDS: dict[str, type] = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def check(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> None:
    """Fail unless ``value`` fits ``schema``."""
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return check(value, found, document, at)
    if "anyOf" in schema:
        assert any(_fits(value, one, document) for one in schema["anyOf"]), f"{at}: {value!r}"
        return None
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None:
        assert "null" in kinds, f"{at} is missing"
        return None
    assert any(isinstance(value, KINDS[kind]) for kind in kinds if kind != "null"), f"{at}: {value!r}"
    assert "enum" not in schema or value in schema["enum"], f"{at}: {value!r}"
    assert "pattern" not in schema or re.search(schema["pattern"], value), f"{at}: {value!r}"
    for index, each in enumerate(value if isinstance(value, list) else []):
        check(each, schema["items"], document, f"{at}[{index}]")
    if isinstance(value, dict):
        _check_members(value, schema, document, at)
    return None


def _fits(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> bool:
    if schema == {"type": "null"}:
        return value is None
    try:
        check(value, schema, document)
    except AssertionError:
        return False
    return True


def _check_members(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], at: str) -> None:
    known = schema.get("properties", {})
    assert set(schema.get("required", [])) <= set(value), f"{at}: {sorted(value)}"
    for name, each in value.items():
        described = known.get(name, schema.get("additionalProperties"))
        assert described, f"{at}.{name} is not described"
        check(each, described, document, f"{at}.{name}")
