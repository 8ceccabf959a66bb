"""The operator's editable harness: which commit of it counts, and what it makes of a request. It runs in the sandbox alone.

The gateway keeps the files of every commit that counted, as bytes that it never unpacks itself. So a broken edit, a
rewritten history or a deleted repository cannot take away what worked before; see docs/adr/0013.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bus.messages.base import Refused
from bus.messages.gateway import HarnessAnswer, RunHarness, ToolSpec
from services.gateway.workspace import COMPOSED, HOME, CommandEnded, Workspace

FOLDER = f"{HOME}/harness"
KEPT = 8
"""Commits that can be fallen back to, beside the first."""
MAX_PARAMETERS = 8_000
"""Bytes of the JSON Schema of a tool's arguments."""
MAX_BROKEN = 500
"""Broken commits that are remembered."""


class _Described(BaseModel):
    """`tools/NAME.json`, with its name: the operator's words, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    description: Annotated[str, Field(min_length=1, max_length=2_000)]
    parameters: dict[str, Any] = {"type": "object", "properties": {}}


class _Newest(BaseModel):
    """What is said of the newest commit; without files, it is known already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    archive: str | None = None
    tools: tuple[_Described, ...] = ()


@dataclass(frozen=True)
class Version:
    """One commit of the harness."""

    commit: str
    archive: str = field(repr=False)
    """Its files as a tar, in base64."""
    tools: tuple[ToolSpec, ...]

    @property
    def ref(self) -> str:
        """Commit and digest. The commit is the operator's word; the digest is ours, over what is run."""
        return f"{self.commit}:{sha256(self.archive.encode()).hexdigest()[:16]}"


@dataclass
class Harness:
    """Runs requests on the newest commit that works."""

    workspace: Workspace
    taken: Collection[str]
    """Names of tools that the harness cannot take."""
    _versions: list[Version] = field(default_factory=list[Version])
    """Those that worked, oldest first; the first is the one that the world began with."""
    _broken: dict[str, str] = field(default_factory=dict[str, str])
    """By commit, or by `HEAD` for what is no commit: why it is not used."""
    _notices: list[str] = field(default_factory=list[str])
    _history: list[str] = field(default_factory=list[str])

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """The own tools of the commit that counts."""
        return self._versions[-1].tools if self._versions else ()

    async def answer(self, command: RunHarness) -> HarnessAnswer | Refused:
        """One request. What does not work is fallen back from, and told."""
        if command.history_from > len(self._history):
            return Refused(code="resend", detail=f"only {len(self._history)} messages are known: send all of them")
        self._history[command.history_from :] = command.history
        if command.reject is not None:
            self._reject(command.reject, command.reject_why)
        history = [orjson.Fragment(message) for message in self._history]
        request = orjson.dumps(command.request | {"history": history, "home": HOME}).decode()
        await self._look()
        while self._versions:
            version = self._versions[-1]
            output = await self._compose(version, request)
            if output is not None:
                notices, self._notices = tuple(self._notices), []
                return HarnessAnswer(ref=version.ref, output=output, tools=version.tools, notices=notices)
            if len(self._versions) == 1:
                break
            self._versions.pop()
        return Refused(code="no_harness", detail="; ".join(self._notices)[-2_000:])

    async def call(self, name: str, arguments: dict[str, Any], seconds: float) -> CommandEnded | None:
        """Run one of its own tools in the repository; None if it has none of that name."""
        if name not in {tool.name for tool in self.tools}:
            return None
        job = {"do": "tool", "archive": self._versions[-1].archive, "name": name, "arguments": json.dumps(arguments)}
        return await self.workspace.harness_tool(job, seconds)

    async def _look(self) -> None:
        """Take up the newest commit, if there is one that was not seen."""
        known = [*self._broken, *([self._versions[-1].commit] if self._versions else [])]
        found = await self.workspace.harness({"do": "newest", "known": known}, FOLDER)
        commit = _words(found["commit"])[:40] if "commit" in found else "HEAD"
        if "broken" in found:
            self._tell(commit, _words(found["broken"]))
            return
        self._broken.pop("HEAD", None)
        try:
            newest = _Newest.model_validate(found)
            if newest.archive is None or newest.commit in known:
                return
            self._versions.append(Version(newest.commit, newest.archive, tuple(map(self._tool, newest.tools))))
        except ValidationError as error:
            first = error.errors()[0]
            self._tell(commit, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
        except (TypeError, ValueError) as error:  # orjson tells so of what is too deep
            self._tell(commit, str(error))
        if len(self._versions) > KEPT + 1:
            del self._versions[1]

    async def _compose(self, version: Version, request: str) -> str | None:
        done = await self.workspace.harness({"do": "compose", "archive": version.archive, "request": request}, FOLDER)
        output = done.get("output")
        if isinstance(output, str) and len(orjson.dumps(output)) <= COMPOSED:
            return output
        why = _words(done["broken"]) if "broken" in done else f"it answered no text of at most {COMPOSED} bytes"
        self._tell(version.commit, why)
        return None

    def _reject(self, ref: str, why: str) -> None:
        """The trusted host could not use what a version said; the first version stays, as there is none below it."""
        version = self._versions[-1] if self._versions else None
        if version is not None and version.ref == ref:
            self._tell(version.commit, why)
            if len(self._versions) > 1:
                self._versions.pop()

    def _tool(self, tool: _Described) -> ToolSpec:
        if tool.name in self.taken:
            raise ValueError(f"tools/{tool.name}: there is a tool of that name already; choose another")
        if len(orjson.dumps(tool.parameters)) > MAX_PARAMETERS or tool.parameters.get("type") != "object":
            raise ValueError(f"tools/{tool.name}.json: parameters must be a JSON Schema of an object, not too long")
        return ToolSpec(name=tool.name, description=tool.description, parameters=tool.parameters)

    def _tell(self, commit: str, why: str) -> None:
        """Remember what is broken, and tell it once."""
        why = why[:1_000]
        if self._broken.get(commit) == why:
            return
        while len(self._broken) >= MAX_BROKEN:
            self._broken.pop(next(iter(self._broken)))
        self._broken[commit] = why
        named = "the harness" if commit == "HEAD" else f"commit {commit[:12]} of the harness"
        self._notices.append(f"{named} is not used: {why}. What worked before goes on.")


def _words(said: object) -> str:
    """What the script says, or what somebody says in its place."""
    return said if isinstance(said, str) else "it answered nonsense"
