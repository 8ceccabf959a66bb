"""`gateway/actions.jsonl`: every call of a tool with its arguments and its whole answer, as it happens.

The bus tells only a summary, since everybody may watch. This file is for exports and for whoever studies a run; arguments
that are private to the operator are left out here as well. Nothing reads it while the world runs.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from bus.messages.gateway import ToolAnswer

ACTIONS: Final = Path("gateway") / "actions.jsonl"
"""Where it stands in a world's directory."""


class Transcript:
    """Appends a line for each call."""

    def __init__(self, root: Path) -> None:
        self._path = root / ACTIONS

    def add(self, tool: str, arguments: Mapping[str, Any], answer: ToolAnswer) -> None:
        """A call that was carried out, and its answer."""
        line = {"tool": tool[:80], "arguments": arguments, **answer.model_dump(exclude={"seconds_left"})}
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
