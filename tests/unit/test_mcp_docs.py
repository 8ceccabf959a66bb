"""docs/mcp.md: its table is that of the definitions, its snippets can be read, and its commands exist."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from services.gateway.handbook import renewed, table
from services.gateway.mcp.bridge import PATIENCE_S
from services.gateway.mcp.web import HOSTS, MAX_BODY
from services.gateway.tools import TOOLS

DOCUMENT = Path(__file__).parents[2] / "docs" / "mcp.md"


def test_the_table_is_that_of_the_definitions() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python -m services.gateway.handbook docs/mcp.md"
    assert len(table().splitlines()) == len(TOOLS) + 2


def test_a_document_without_a_place_is_said() -> None:
    with pytest.raises(ValueError, match="no place for the table"):
        renewed("# Nothing here\n")


def test_the_snippets_can_be_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    snippets = re.findall(r"```(json|toml)\n(.*?)```", text, re.DOTALL)
    assert [kind for kind, _ in snippets] == ["json", "toml", "toml", "json"]
    for kind, snippet in snippets:
        assert json.loads(snippet) if kind == "json" else tomllib.loads(snippet)


def test_the_figures_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"In about {PATIENCE_S:g} s" in text
    assert f"over {MAX_BODY >> 20} MB" in text
    for host in HOSTS:
        assert host.strip("[]") in text or host == "[::1]"
