"""The warm parent: nothing is asked of it before it is ready, since what it forked would be taken for itself."""

from pathlib import Path

import anyio
import pytest

from services.cloud.errors import ProductError
from services.cloud.warm import Job, WarmParent
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import Bind, SandboxSpec

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


@pytest.mark.parametrize(("told", "kept"), [(0, 700), (20_000, 20_000)])
async def test_a_child_collects_garbage_as_rarely_as_it_is_told(tmp_path: Path, told: int, kept: int) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "asked.py").write_text("import gc, sys\nsys.exit(gc.get_threshold()[0] // 100)\n")
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", binds=(Bind(app, "/srv/app"),)))
    (tmp_path / "state").mkdir(exist_ok=True)
    parent = WarmParent(sandbox, libraries=())
    argv = ("python", "-m", "asked")
    job = Job(id="j", cwd=sandbox.path("/srv/app"), env={}, log="/dev/null", argv=argv, gc_threshold=told)
    async with anyio.create_task_group() as group:
        await group.start(parent.serve)
        child = await parent.fork(job)
        assert await child.ended() == kept // 100
        child.close()
        group.cancel_scope.cancel()
