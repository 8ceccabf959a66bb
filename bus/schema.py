"""The committed JSON schema of all messages: `python -m bus.schema` checks it, `--write` renews it.

A released type may not change: whoever renews the file sees in its diff whether only new types came.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from bus.messages import COMMANDS, EVENTS
from bus.messages.base import Envelope, Refused

PATH = Path(__file__).with_name("schema.json")


def schema_text() -> str:
    """The schema of every event, command and answer, as canonical JSON text."""
    replies = {command.reply_type() for command in COMMANDS.values()}
    models = [*EVENTS.values(), *COMMANDS.values(), *sorted(replies, key=lambda model: model.__name__)]
    _, definitions = models_json_schema([(model, "validation") for model in (Envelope, Refused, *models)])
    document: dict[str, Any] = {
        "events": {name: model.__name__ for name, model in sorted(EVENTS.items())},
        "commands": {
            name: {"command": model.__name__, "reply": model.reply_type().__name__}
            for name, model in sorted(COMMANDS.items())
        },
        **definitions,
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """0 if the committed schema is that of the code."""
    text = schema_text()
    if arguments == ["--write"]:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if PATH.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{PATH.name} is not that of the messages: `make schema`, and read its diff\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
