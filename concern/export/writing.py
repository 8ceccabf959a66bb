"""Writing exports into a folder beside the run's own files; nothing of the run is changed."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import orjson

from concern.export.atif import document_name, documents
from concern.export.chat import epochs
from concern.export.story import ExportError, Story, TurnLine
from concern.export.tokens import recorded

Form = Literal["turns", "atif", "parquet", "messages"]


def export(story: Story, form: Form, folder: Path) -> list[Path]:
    """Write a story in one form; returns the files. `ExportError` if a library is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    match form:
        case "turns":
            return [_lines(folder / "turns.jsonl", (turn.model_dump(mode="json") for turn in story.turns))]
        case "messages":
            return [_lines(folder / "messages.jsonl", _contexts(story))]
        case "atif":
            # Indented, each token id would have a line.
            option = 0 if any(recorded(story)) else orjson.OPT_INDENT_2
            return [_document(folder / document_name(n), each, option) for n, each in enumerate(documents(story), 1)]
        case "parquet":
            return [_parquet(folder / "calls.parquet", story)]


def _contexts(story: Story) -> Iterator[dict[str, Any]]:
    """The messages of each context epoch, and the token ids of its calls where there are any."""
    for number, (messages, calls) in enumerate(zip(epochs(story), recorded(story), strict=True), 1):
        line: dict[str, Any] = {"epoch": number, "messages": messages}
        yield line | {"tokens": calls} if calls else line


def rows(turns: Iterable[TurnLine]) -> list[dict[str, Any]]:
    """One flat row for each call, with its turn's; a turn without calls has one row without a tool."""
    found: list[dict[str, Any]] = []
    for turn in turns:
        shared = turn.model_dump(exclude={"calls", "usage"}) | turn.usage.model_dump()
        for call in turn.calls or (None,):
            own = call.model_dump(exclude={"turn_id", "arguments"}) if call else {}
            arguments = orjson.dumps(call.arguments).decode() if call else None
            names = ("action_id", "tool", "ok", "content", "sim_time")
            found.append(shared | {name: own.get(name) for name in names} | {"arguments": arguments})
    return found


def _parquet(path: Path, story: Story) -> Path:
    try:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError as error:
        raise ExportError("--parquet needs pyarrow, which is no part of this project: pip install pyarrow") from error
    parquet.write_table(arrow.Table.from_pylist(rows(story.turns)), path)
    return path


def _document(path: Path, content: object, option: int) -> Path:
    path.write_bytes(orjson.dumps(content, option=option))
    return path


def _lines(path: Path, content: Iterable[object]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in content))
    return path
