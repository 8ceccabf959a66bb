"""Tools over the operator's repository. Everything runs inside the sandbox."""

from typing import Annotated

from pydantic import Field

from bus.messages.base import Part, Refused
from services.gateway.registry import AnyTool, Arguments, Hand, Tool

Path = Annotated[str, Field(min_length=1, max_length=1000, description="In the repository, or /home/operator/...")]
MAX_CONTENT = 400_000
"""Characters of a file written at once: a call must fit into one message."""


class Bash(Arguments):
    command: Annotated[str, Field(min_length=1, max_length=60_000)]
    timeout_s: Annotated[int, Field(ge=1, le=240, description="Ends what hangs, in real seconds")] = 120


class ReadFile(Arguments):
    path: Path
    first_line: Annotated[int, Field(ge=1)] = 1
    lines: Annotated[int, Field(ge=1, le=5000)] = 400


class WriteFile(Arguments):
    path: Path
    content: Annotated[str, Field(max_length=MAX_CONTENT)]


class EditFile(Arguments):
    path: Path
    old: Annotated[str, Field(min_length=1, max_length=MAX_CONTENT, description="The passage, exactly as in the file")]
    new: Annotated[str, Field(max_length=MAX_CONTENT)]
    replace_all: bool = False


class Search(Arguments):
    pattern: Annotated[str, Field(min_length=1, max_length=1000, description="Extended regular expression (grep -E)")]
    path: Path = "."
    include: Annotated[str, Field(max_length=200, description="File names, such as *.py; all if empty")] = ""
    ignore_case: bool = False
    limit: Annotated[int, Field(ge=1, le=500)] = 100


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
        "Run a shell command in your repository (/workspace), in a sandbox without network: git, python with the "
        "product's packages, pytest, sqlite3, grep. Nothing started here goes on after the command ends; only "
        "/workspace and /home/operator keep their files. Commit before you deploy.",
        Bash,
        bash,
    ),
    Tool("read_file", "Read lines of a text file; next_line says where to go on.", ReadFile, read_file),
    Tool("write_file", "Make or replace a text file; folders are made as needed.", WriteFile, write_file),
    Tool(
        "edit_file",
        "Replace an exact passage of a file. The passage must be there exactly once, unless replace_all is set.",
        EditFile,
        edit_file,
    ),
    Tool("search", "Find lines in the repository's text files by a regular expression.", Search, search),
)
