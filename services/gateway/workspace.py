"""The operator's workspace: its repository and home, reached only from inside its sandbox.

Nothing here reads or writes those folders from outside: git configuration, links and hooks in them are the operator's.
"""

import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson

from bus.messages.base import Part, Refused
from bus.world import World
from services.sandbox.clock import SimulatedClockFile
from services.sandbox.sandbox import Completed, Sandbox
from services.sandbox.spec import MIB, Bind, Isolation, Limits, SandboxSpec

INSIDE = "/workspace"
HOME = "/home/operator"
NOTES = f"{HOME}/notes.md"
FILE_SECONDS = 60.0
"""Generous cap, in wall time, on one file operation: it ends what hangs and decides nothing else."""
BASH_OUTPUT = 256 * 1024
"""Bytes that are kept of what a command prints."""
LIMITS = Limits(processes=128, file_bytes=256 * MIB, memory_bytes=1024 * MIB)
COMPOSING = Limits(processes=32, file_bytes=16 * MIB, memory_bytes=512 * MIB, cpu_seconds=5, tmp_bytes=16 * MIB)
"""Of the harness while it composes: seconds of CPU decide what is slow, not the clock on the wall."""
COMPOSING_SECONDS = 60.0
"""Generous cap, in wall time, on the same: it ends what hangs."""
COMPOSED = 700_000
"""Bytes that the harness may answer: a whole context that, with its tools, fits into one message of the bus."""
ARCHIVED = 1536 * 1024
"""Bytes that its files may be, as text."""


class CommandEnded(Part):
    """How a shell command ended."""

    exit_code: int
    """Negative for a signal."""
    output: str
    """Standard output and standard error, as they came."""
    timed_out: bool
    cut: bool
    """Whether it printed more than is kept."""


class FileText(Part):
    """Lines of a text file."""

    path: str
    text: str
    total_lines: int
    next_line: int | None
    """Where to go on, if there is more."""
    utf8: bool
    """False if some bytes are shown as replacement characters."""


class FileWritten(Part):
    path: str
    bytes: int
    replaced: int | None = None
    """With an edit: how many passages."""


class Hit(Part):
    path: str
    line: int
    text: str


class Hits(Part):
    hits: tuple[Hit, ...]
    more: bool
    """Whether there are more than were asked for."""


R = TypeVar("R", bound=Part)


@cache
def _script(name: str = "workspace_script.py") -> str:
    return Path(__file__).with_name(name).read_text()


class Workspace:
    """Runs the operator's commands and file operations."""

    def __init__(self, world: World) -> None:
        """Raises `FileNotFoundError` if the world has no workspace folder."""
        own = world.directory("gateway")
        repository, home = world.root / "workspace", own / "home"
        if not repository.is_dir():
            raise FileNotFoundError(f"the world has no workspace folder {repository.name!r}")
        home.mkdir(exist_ok=True)
        isolation = Isolation(world.file.isolation)
        self._clock = SimulatedClockFile(own / "clock", world.scenario.world.start)
        spec = SandboxSpec(
            state=own / "sandbox",
            binds=(Bind(repository, INSIDE, writable=True), Bind(home, HOME, writable=True)),
            env={"HOME": HOME if isolation is Isolation.FULL else str(home), "PAGER": "cat", "GIT_PAGER": "cat"},
            chdir=INSIDE,
            limits=LIMITS,
            isolation=isolation,
            clock=self._clock.folder,
        )
        self._sandbox = Sandbox(spec)
        self._composing = Sandbox(replace(spec, binds=(Bind(repository, INSIDE), Bind(home, HOME)), limits=COMPOSING))
        self._sandbox.hand_over(repository, home)

    def set_clock(self, moment: datetime) -> None:
        """Set what programs take for the time."""
        self._clock.set(moment)

    async def bash(self, command: str, timeout_s: float) -> CommandEnded:
        """Run a shell command in the repository; everything that it started ends with it."""
        merged = ["bash", "-c", 'exec bash -c "$1" 2>&1', "bash", command]
        return _ended(await self._sandbox.run(merged, timeout=timeout_s, output_cap=BASH_OUTPUT))

    async def harness(self, job: dict[str, Any], folder: str) -> dict[str, Any]:
        """Let the harness think: it reads everything of the operator's, and what it writes is lost.

        Answers with what `harness_script.py` says, or with `broken`; all of it is the operator's word.
        """
        done = await self._composing.run(
            [self._composing.python, "-I", "-S", "-c", _script("harness_script.py")],
            stdin=json.dumps(job | {"folder": self._composing.path(folder)}).encode(),
            timeout=COMPOSING_SECONDS,
            output_cap=ARCHIVED,
        )
        if done.truncated:
            return {"broken": f"it answered more than {ARCHIVED} bytes"}
        try:
            answer = orjson.loads(done.stdout)
        except ValueError:
            took = f"it took more than {COMPOSING.cpu_seconds} seconds of CPU, or hung"
            return {"broken": took if done.timed_out or done.code < 0 else "it answered nothing that is JSON"}
        return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {"broken": "it answered no JSON object"}

    async def harness_tool(self, job: dict[str, Any], timeout_s: float) -> CommandEnded:
        """Run one of the harness's own tools in the repository, as `bash` would."""
        script = [self._sandbox.python, "-I", "-S", "-c", _script("harness_script.py")]
        return _ended(
            await self._sandbox.run(script, stdin=json.dumps(job).encode(), timeout=timeout_s, output_cap=BASH_OUTPUT)
        )

    async def read(self, path: str, first_line: int, lines: int) -> FileText | Refused:
        """Lines of a text file."""
        return await self._do(FileText, {"do": "read", "path": path, "first_line": first_line, "lines": lines})

    async def write(self, path: str, content: str, *, append: bool = False) -> FileWritten | Refused:
        """Make or replace a file, or add to it."""
        return await self._do(FileWritten, {"do": "write", "path": path, "content": content, "append": append})

    async def edit(self, path: str, old: str, new: str, *, replace_all: bool) -> FileWritten | Refused:
        """Replace a passage of a file."""
        job = {"do": "edit", "path": path, "old": old, "new": new, "replace_all": replace_all}
        return await self._do(FileWritten, job)

    async def search(self, pattern: str, path: str, include: str, *, ignore_case: bool, limit: int) -> Hits | Refused:
        """Find lines by an extended regular expression."""
        job = {"do": "search", "pattern": pattern, "path": path, "include": include}
        return await self._do(Hits, job | {"ignore_case": ignore_case, "limit": limit})

    async def read_notes(self) -> FileText | Refused:
        """The operator's notes; empty if there are none yet."""
        found = await self.read(NOTES, 1, 10_000)
        if isinstance(found, Refused) and found.code == "no_file":
            return FileText(path=NOTES, text="", total_lines=0, next_line=None, utf8=True)
        return found

    async def write_notes(self, text: str, *, append: bool) -> FileWritten | Refused:
        """Replace the notes, or add to them."""
        return await self.write(NOTES, text, append=append)

    async def _do(self, reply: type[R], job: dict[str, Any]) -> R | Refused:
        """Run the script on one job; a script that is ended answers nothing, which is a refusal."""
        roots = [self._sandbox.path(INSIDE), self._sandbox.path(HOME)]
        job |= {"roots": roots, "path": self._sandbox.path(job["path"])}
        done = await self._sandbox.run(
            [self._sandbox.python, "-I", "-S", "-c", _script()],
            stdin=json.dumps(job).encode(),
            timeout=FILE_SECONDS,
            output_cap=4 * MIB,
        )
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            why = "took too long" if done.timed_out else done.stderr.decode("utf-8", "replace")[-300:]
            return Refused(code="failed", detail=f"the workspace did not answer ({why}); look with bash")
        if "refused" in answer:
            return Refused.model_validate(answer["refused"])
        return reply.model_validate(answer["ok"])


def _ended(done: Completed) -> CommandEnded:
    output = done.stdout.decode("utf-8", "replace")
    if done.stderr:
        output += done.stderr.decode("utf-8", "replace")
    return CommandEnded(exit_code=done.code, output=output, timed_out=done.timed_out, cut=done.truncated)
