"""Tools over the operator's repository. Everything runs inside the sandbox."""

from typing import Annotated

from pydantic import Field

from bus.messages.base import Part, Refused
from services.gateway.registry import AnyTool, Arguments, Hand, Tool

Path = Annotated[
    str,
    Field(min_length=1, max_length=1000, description="Relative to /workspace, or absolute below it or /home/operator"),
]
MAX_CONTENT = 400_000
"""Characters of a file written at once: a call must fit into one message."""


class Bash(Arguments):
    command: Annotated[str, Field(min_length=1, max_length=60_000, description="One or more lines for bash")]
    timeout_s: Annotated[int, Field(ge=1, le=240, description="Ends what hangs; real seconds")] = 120


class ReadFile(Arguments):
    path: Path
    first_line: Annotated[int, Field(ge=1, description="Counted from 1")] = 1
    lines: Annotated[int, Field(ge=1, le=5000, description="How many at most")] = 400


class WriteFile(Arguments):
    path: Path
    content: Annotated[str, Field(max_length=MAX_CONTENT, description="The whole file")]


class EditFile(Arguments):
    path: Path
    old: Annotated[str, Field(min_length=1, max_length=MAX_CONTENT, description="The passage, exactly as in the file")]
    new: Annotated[str, Field(max_length=MAX_CONTENT, description="What stands there afterwards; empty deletes it")]
    replace_all: Annotated[bool, Field(description="Replace every such passage")] = False


class Search(Arguments):
    pattern: Annotated[str, Field(min_length=1, max_length=1000, description="Extended regular expression (grep -E)")]
    path: Annotated[Path, Field(description="File or folder of the repository to look in")] = "."
    include: Annotated[str, Field(max_length=200, description="File names, such as *.py; all if empty")] = ""
    ignore_case: Annotated[bool, Field(description="Whether A matches a")] = False
    limit: Annotated[int, Field(ge=1, le=500, description="Matching lines at most")] = 100


async def bash(hand: Hand, given: Bash) -> Part | Refused:
    return await hand.sandbox().bash(given.command, given.timeout_s)


async def read_file(hand: Hand, given: ReadFile) -> Part | Refused:
    return await hand.sandbox().read(given.path, given.first_line, given.lines)


async def write_file(hand: Hand, given: WriteFile) -> Part | Refused:
    return await hand.sandbox().write(given.path, given.content)


async def edit_file(hand: Hand, given: EditFile) -> Part | Refused:
    return await hand.sandbox().edit(given.path, given.old, given.new, replace_all=given.replace_all)


async def search(hand: Hand, given: Search) -> Part | Refused:
    return await hand.sandbox().search(
        given.pattern, given.path, given.include, ignore_case=given.ignore_case, limit=given.limit
    )


TOOLS: tuple[AnyTool, ...] = (
    Tool(
        "bash",
        "Run a shell command in your repository, /workspace. There are git, python with the product's packages, pytest, "
        "grep and sqlite3; there is no network, and `date` is the company's time. Answers with exit_code and output "
        "(standard output and error together, at most 256 kB). Only /workspace and /home/operator keep their files, and "
        "nothing started here goes on after the command ends. Production is elsewhere: commit, then deploy. "
        'Example: {"command": "git log --oneline | head; python -m pytest -q tests/test_tasks.py"}. If timed_out is '
        "true it was stopped at timeout_s: do less at once.",
        Bash,
        bash,
    ),
    Tool(
        "read_file",
        "Read lines of a text file. Answers with text, total_lines, and next_line to go on from (null at the end). "
        'Example: {"path": "HANDOVER.md"}. Refuses what is missing, binary, a folder or larger than 8 MB, and says '
        "which command of bash helps.",
        ReadFile,
        read_file,
    ),
    Tool(
        "write_file",
        "Make a text file, or replace it whole; folders are made as needed. At most 400,000 characters. "
        'Example: {"path": "docs/runbook.md", "content": "# Runbook\\n"}. For a change of a few lines use edit_file. '
        "Refuses paths outside /workspace and /home/operator.",
        WriteFile,
        write_file,
    ),
    Tool(
        "edit_file",
        "Replace a passage of a file. `old` must be there exactly once, with its white space, unless replace_all is set. "
        'Example: {"path": "deploy/infra.toml", "old": "count = 3", "new": "count = 4"}. If it refuses, nothing has '
        "changed: read the lines again and copy them exactly, or take more lines around them.",
        EditFile,
        edit_file,
    ),
    Tool(
        "search",
        "Find lines in the repository's text files by a regular expression. Answers with path, line and text of each "
        'hit. Example: {"pattern": "def .*invoice", "include": "*.py"}. If more is true, narrow the pattern or the path; '
        "a pattern that grep -E does not understand is refused with grep's own words.",
        Search,
        search,
    ),
)
