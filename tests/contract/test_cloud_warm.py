"""The warm parent: nothing is asked of it before it is ready, since what it forked would be taken for itself."""

from pathlib import Path

import anyio
import pytest

from services.cloud.errors import ProductError
from services.cloud.warm import Job, WarmParent
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import SandboxSpec

pytestmark = pytest.mark.anyio


class Held(WarmParent):
    """Its first word is held back until the test lets it go."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox, libraries=())
        self.first = anyio.Event()
        self.word = b""

    def _hear(self, line: bytes) -> None:
        if self.first.is_set():
            super()._hear(line)
        else:
            self.word = line
            self.first.set()

    def let_go(self) -> None:
        super()._hear(self.word)


async def test_nothing_is_forked_before_it_is_ready(tmp_path: Path) -> None:
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state"))
    (tmp_path / "state").mkdir(exist_ok=True)
    parent = Held(sandbox)
    job = Job(id="j", cwd=sandbox.path("/tmp"), env={}, log="/dev/null", argv=("sh", "-c", "exit 3"))
    async with anyio.create_task_group() as group:
        group.start_soon(parent.serve)
        await parent.first.wait()
        assert not parent.alive
        with pytest.raises(ProductError, match="the sandbox is down"):
            await parent.fork(job)
        parent.let_go()
        assert parent.alive
        child = await parent.fork(job)
        assert await child.ended() == 3
        child.close()
        group.cancel_scope.cancel()
    assert not parent.alive
