"""As much of JSON Schema as our OpenAPI document uses."""

import re
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def check(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> None:
    """Fail unless ``value`` fits ``schema``."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return check(value, document["components"]["schemas"][name], document, at)
    if "anyOf" in schema:
        return _check_any(value, schema["anyOf"], document, at)
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    assert any(isinstance(value, TYPES[name]) for name in names), f"{at}: {value!r} is not {names}"
    assert "enum" not in schema or value in schema["enum"], f"{at}: {value!r}"
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{at}: {value!r}"
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(item, schema["items"], document, f"{at}[{index}]")
    if isinstance(value, dict):
        _check_object(value, schema, document, at)


def _check_any(value: Any, schemas: list[dict[str, Any]], document: dict[str, Any], at: str) -> None:
    problems: list[str] = []
    for schema in schemas:
        try:
            return check(value, schema, document, at)
        except AssertionError as problem:
            problems.append(str(problem))
    raise AssertionError("; ".join(problems))


def _check_object(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], at: str) -> None:
    properties = schema.get("properties", {})
    assert set(schema.get("required", [])) <= set(value), f"{at}: {sorted(value)}"
    for name, item in value.items():
        described = properties.get(name, schema.get("additionalProperties", False))
        assert described, f"{at}: {name} is not described"
        check(item, described, document, f"{at}.{name}")
