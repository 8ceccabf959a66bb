"""A product's own tests, as its owner runs them: in a sandbox, forked from an interpreter that has the libraries loaded."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from concern.catalog.workshop import Built
from services.cloud.layout import Layout
from services.cloud.warm import LIBRARIES, Job, WarmParent
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import MIB, Bind, Isolation, Limits, SandboxSpec

TEST_LIBRARIES = (*LIBRARIES, "pytest", "_pytest.assertion.rewrite", "anyio.pytest_plugin", "aiohttp.test_utils")
QUICKLY = ("-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=none", "--assert=plain")
"""Nobody reads how an assertion failed, only which: rewriting assertions takes a third of a run."""
ENVIRONMENT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "anyio.pytest_plugin"}
GC_THRESHOLD = 50_000
"""Nothing that a run of tests leaves behind lasts long: an eighth of it was looking for what to collect."""
TMP_BYTES = 512 * MIB
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
TAIL = 6000


@dataclass(frozen=True)
class Tested:
    """How a run of the visible tests ended."""

    passed: bool
    detail: str
    """The tests that failed, or the end of the output."""


class TestRoom:
    """A warm sandbox for test runs. Made by `room_for_tests`."""

    __test__ = False  # it is no test itself

    def __init__(self, sandbox: Sandbox, layout: Layout) -> None:
        self._sandbox = sandbox
        self._layout = layout
        self._warm = WarmParent(sandbox, TEST_LIBRARIES)
        self.serve = self._warm.serve

    async def run(self, built: Built, tests: Sequence[str] = ()) -> Tested:
        """Run the visible tests of a release of this layout: those with these ids, or all."""
        log = self._layout.log / f"{built.release}.log"
        log.unlink(missing_ok=True)
        inside = self._sandbox.path
        job = Job(
            id=built.release,
            cwd=inside(f"/srv/app/{built.release}"),
            env=ENVIRONMENT,
            log=inside(f"/srv/log/{log.name}"),
            argv=(*built.recipe.product.checking.tests, *QUICKLY, *tests),
            gc_threshold=GC_THRESHOLD,
        )
        child = await self._warm.fork(job)
        try:
            code = await child.ended()
        finally:
            child.close()
            await self._warm.sweep()
        said = log.read_bytes()[-TAIL:].decode("utf-8", "replace") if log.exists() else ""
        log.unlink(missing_ok=True)
        failed = ", ".join(dict.fromkeys(_FAILED.findall(said)))
        return Tested(code == 0, "" if code == 0 else failed or f"status {code}: {said[-400:].strip()}")


@asynccontextmanager
async def room_for_tests(layout: Layout, state: Path, isolation: Isolation) -> AsyncGenerator[TestRoom]:
    """A room for the releases of a workshop. `SandboxError` if the sandbox does not start."""
    state.mkdir(parents=True)  # noqa: ASYNC240 (a system call of microseconds)
    own = Layout(state, layout.workspace, layout.releases)
    own.make()
    binds = (Bind(layout.releases, "/srv/app"), Bind(own.log, "/srv/log", writable=True))
    limits = Limits(tmp_bytes=TMP_BYTES)
    sandbox = Sandbox(SandboxSpec(state=own.state, binds=binds, isolation=isolation, limits=limits))
    sandbox.hand_over(own.log)
    room = TestRoom(sandbox, own)
    async with anyio.create_task_group() as group:
        await group.start(room.serve)
        yield room
        group.cancel_scope.cancel()
