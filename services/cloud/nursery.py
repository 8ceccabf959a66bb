"""A warm parent with one release's `jobs` module loaded: its jobs are forked from there, several times as fast."""

from collections.abc import Sequence

import anyio
import anyio.abc
import structlog

from services.cloud.warm import WarmParent
from services.cloud.warm_script import PYTHONS
from services.sandbox.errors import SandboxError
from services.sandbox.sandbox import Sandbox

MODULE = "jobs"
"""A job of the form `python -m PACKAGE ...` starts fastest if the package keeps what its jobs import in PACKAGE.jobs."""


class Nursery:
    """Keeps one such parent at a time, in a sandbox of its own beside that of the instances."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._warm: WarmParent | None = None
        self._loaded = ("", "")
        self._scope = anyio.CancelScope()
        self._unfit: set[tuple[str, str]] = set()

    @property
    def warm(self) -> WarmParent | None:
        """The parent of now, if there is one."""
        return self._warm if self._warm is not None and self._warm.alive else None

    async def parent(self, group: anyio.abc.TaskGroup, folder: str, argv: Sequence[str]) -> WarmParent | None:
        """The parent for a job of the release in `folder` (a path inside). It lives in `group`.

        None if there can be none: the command is another program, or its module hangs, or ends the process that loads
        it. That is not tried twice, so that it costs the world's time once.
        """
        if len(argv) < 3 or argv[0] not in PYTHONS or argv[1] != "-m":
            return None
        wanted = (folder, f"{argv[2].partition('.')[0]}.{MODULE}")
        if wanted in self._unfit:
            return None
        if self.warm is None or self._loaded != wanted:
            await self._end()
            self._warm, self._loaded = WarmParent(self._sandbox, folder=wanted[0], module=wanted[1]), wanted
            try:
                await group.start(self._serve, self._warm)
            except SandboxError as error:
                structlog.get_logger().bind(service="cloud").warning("jobs are forked cold", why=str(error))
                self._unfit.add(wanted)
                self._warm = None
        return self._warm

    async def _end(self) -> None:
        if self._warm is not None:
            self._scope.cancel()
            await self._warm.gone.wait()

    async def _serve(self, warm: WarmParent, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        with anyio.CancelScope() as self._scope:
            await warm.serve(task_status=task_status)
