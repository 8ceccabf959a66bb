"""Reading a CSV file of tasks: which column means what, and the cells of each row. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.errors import Invalid

MOST_ROWS = 5_000
MOST_COLUMNS = 50
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "name", "summary", "task", "subject"),
    "description": ("description", "notes", "details", "body"),
    "status": ("status", "state"),
    "priority": ("priority",),
    "assignee": ("assignee", "assignee email", "assigned to", "owner"),
    "due_on": ("due date", "due", "due on", "deadline"),
    "labels": ("labels", "tags", "label"),
    "project": ("project", "list", "board"),
    "external_id": ("external id",),
    "id": ("id", "key", "number"),
}
"""What a column may be called, the best name first."""
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Row:
    """One row: the line of the file on which it begins (from 1), and its cells by meaning."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """What a file holds."""

    headings: Mapping[str, str]
    """By meaning, what the column is called in the file."""
    unused: Sequence[str]
    rows: Sequence[Row]


def decode(content: bytes) -> str:
    """Read the bytes of a file. Raises ``Invalid`` when they are not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable("The file is not UTF-8. Save it as CSV UTF-8, then try again.") from None


def read_table(text: str) -> Table:
    """Read a file. Raises ``Invalid`` when it cannot be read as a table of tasks at all."""
    if "\0" in text:
        raise _unreadable("This is not a CSV file.")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        heading = [cell.strip() for cell in next(reader, [])]
        places = _places(heading)
        rows: list[Row] = []
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(line, {n: cells[at] if at < len(cells) else "" for n, at in places.items()}))
            if len(rows) > MOST_ROWS:
                raise _unreadable(f"The file has more than {MOST_ROWS:,} rows. Split it.")
            line = reader.line_num + 1
    except csv.Error as error:
        raise _unreadable(f"Line {reader.line_num} cannot be read: {error}.") from None
    if not rows:
        raise _unreadable("The file has no rows below its heading.")
    used = set(places.values())
    unused = [name for at, name in enumerate(heading) if at not in used and name]
    return Table({name: heading[at] for name, at in places.items()}, unused, rows)


def _places(heading: Sequence[str]) -> dict[str, int]:
    """Say in which column each meaning is; each has one column, that with the best name."""
    if len(heading) > MOST_COLUMNS:
        raise _unreadable(f"The file has more than {MOST_COLUMNS} columns.")
    known = [name.replace("_", " ").casefold() for name in heading]
    places = {
        meaning: known.index(name)
        for meaning, names in SYNONYMS.items()
        for name in reversed(names)
        if name in known
    }
    if "title" not in places:
        raise _unreadable("No column is called Title. The first line must name the columns.")
    return places


def _unreadable(problem: str) -> Invalid:
    return Invalid({"file": problem})
