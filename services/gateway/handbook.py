"""The table of tools in docs/mcp.md, made from their definitions: `python -m services.gateway.handbook FILE` renews it."""

import sys
from pathlib import Path
from typing import Any, cast

from services.gateway.registry import AnyTool
from services.gateway.tools import TOOLS

BEGIN, END = "<!-- tools: begin -->\n", "<!-- tools: end -->\n"


def table() -> str:
    """One line for each tool: its name, its arguments with bounds and defaults, and what it does."""
    lines = ["| tool | arguments | what it does |", "|---|---|---|"]
    for tool in TOOLS:
        first = tool.description.partition(". ")[0].rstrip(".")
        lines.append(f"| `{tool.name}` | {'; '.join(_arguments(tool)) or 'none'} | {_cell(first)}. |")
    return "\n".join(lines) + "\n"


def renewed(document: str) -> str:
    """A document with the table of today. `ValueError` if it has no place for one."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no place for the table: the lines {BEGIN.strip()} and {END.strip()}")
    return before + BEGIN + "\n" + table() + "\n" + END + after


def _arguments(tool: AnyTool) -> list[str]:
    schema = tool.spec.parameters
    required = schema.get("required", [])
    return [_argument(name, field, needed=name in required) for name, field in schema["properties"].items()]


def _argument(name: str, field: dict[str, Any], *, needed: bool) -> str:
    kinds = cast("list[dict[str, Any]]", field.get("anyOf", [field]))
    kind = next(one for one in kinds if one.get("type") != "null")
    low, high = kind.get("minimum", kind.get("exclusiveMinimum")), kind.get("maximum")
    words = [f"`{name}`"]
    if "enum" in kind:
        words.append(", ".join(f"`{value}`" for value in kind["enum"]))
    elif high is not None:
        words.append(f"{'>' if 'minimum' not in kind else ''}{low} to {high}")
    elif low is not None:
        words.append(f"from {low}")
    if "maxLength" in kind:
        words.append(f"at most {kind['maxLength']} characters")
    if "maxItems" in kind or "maxProperties" in kind:
        words.append(f"at most {kind.get('maxItems', kind.get('maxProperties'))}")
    if not needed:
        default = field.get("default")
        words.append("(optional)" if default in (None, "", [], {}) else f"(default `{default}`)")
    return _cell(" ".join(words))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Renew the table in a file."""
    file = Path(arguments[0])
    file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
