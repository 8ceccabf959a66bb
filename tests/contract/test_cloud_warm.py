"""The warm parent, of which nothing is asked before it is ready, and the nests below it, in which a release is loaded."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

from services.cloud.errors import ProductError
from services.cloud.warm import Child, Job, WarmParent
from services.cloud.warm_script import NESTS
from services.sandbox import processes
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import Bind, Isolation, SandboxSpec

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


SHARED = "import os\nLOADED_BY = os.getpid()\n"
TELLS = """
import os, shared, time

def main():
    print(shared.LOADED_BY, os.getpid(), flush=True)
    while os.path.exists("/srv/tmp/stay"):
        time.sleep(0.01)
"""


class Nesting:
    """A warm parent and folders of releases with a module `shared`, which tells who has imported it."""

    def __init__(self, folder: Path, parent: WarmParent, sandbox: Sandbox) -> None:
        self.folder = folder
        self.parent = parent
        self.sandbox = sandbox
        self.number = 0

    def release(self, name: str, shared: str = SHARED) -> None:
        app = self.folder / "app" / name
        app.mkdir()
        (app / "shared.py").write_text(shared)
        (app / "tells.py").write_text(TELLS)

    async def fork(self, name: str, preload: str | None = "shared") -> Child:
        self.number += 1
        inside = self.sandbox.path
        log = inside(f"/srv/log/{self.number}.log")
        cwd = inside(f"/srv/app/{name}")
        return await self.parent.fork(Job(f"j{self.number}", cwd, {}, log, entry="tells:main", preload=preload))

    async def said(self, child: Child) -> tuple[int, int]:
        """Who has loaded `shared`, and who the child is, by their numbers inside."""
        log = self.folder / "log" / f"{child.id[1:]}.log"
        while not (log.exists() and log.read_text().endswith("\n")):
            await checkpoint()
        loaded, own = log.read_text().split()
        return int(loaded), int(own)

    async def told(self, name: str, preload: str | None = "shared") -> tuple[int, int]:
        """The same, of a process of that release that has ended."""
        child = await self.fork(name, preload)
        assert await child.ended() == 0
        child.close()
        return await self.said(child)

    def stay(self, wanted: bool) -> None:
        """Whether processes stay until they are told otherwise."""
        mark = self.folder / "tmp" / "stay"
        mark.touch() if wanted else mark.unlink()


@asynccontextmanager
async def nesting(folder: Path, isolation: Isolation = Isolation.FULL) -> AsyncGenerator[Nesting]:
    for name in ("app", "log", "tmp", "state"):
        (folder / name).mkdir()
    places = (("app", "/srv/app", False), ("log", "/srv/log", True), ("tmp", "/srv/tmp", True))
    binds = tuple(Bind(folder / name, inside, writable) for name, inside, writable in places)
    sandbox = Sandbox(SandboxSpec(state=folder / "state", binds=binds, isolation=isolation))
    sandbox.hand_over(folder / "log", folder / "tmp")
    parent = WarmParent(sandbox, libraries=())
    async with anyio.create_task_group() as group:
        await group.start(parent.serve)
        yield Nesting(folder, parent, sandbox)
        group.cancel_scope.cancel()


@pytest.mark.parametrize("isolation", [Isolation.FULL, Isolation.PARTIAL])
async def test_processes_of_a_release_share_what_was_loaded_for_them(tmp_path: Path, isolation: Isolation) -> None:
    async with nesting(tmp_path, isolation) as it:
        it.release("a")
        it.release("b")
        first, one = await it.told("a")
        assert first != one
        await it.parent.sweep()  # what holds a release is no stray
        again, two = await it.told("a")
        assert (again, two != one) == (first, True)
        assert (await it.told("b"))[0] not in (first, one, two)
        alone, own = await it.told("a", preload=None)
        assert alone == own
        assert it.parent.processes() == []


@pytest.mark.parametrize(
    "shared",
    [
        "import os, sys\nLOADED_BY = os.getpid()\nif 'tells' not in sys.modules: os._exit(7)\n",
        "import os, threading\nLOADED_BY = os.getpid()\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    ],
    ids=["ends", "threads"],
)
async def test_a_release_that_cannot_be_loaded_beforehand_starts_without(tmp_path: Path, shared: str) -> None:
    async with nesting(tmp_path) as it:
        it.release("a", shared)
        for _ in range(2):
            loaded, own = await it.told("a")
            assert loaded == own


async def test_what_cannot_be_imported_is_each_process_s_own_failure(tmp_path: Path) -> None:
    async with nesting(tmp_path) as it:
        it.release("a", "raise ValueError('broken')\n")
        child = await it.fork("a")
        assert await child.ended() == 1
        child.close()
        assert "ValueError: broken" in (tmp_path / "log" / "1.log").read_text()


async def test_an_old_release_goes_with_its_last_process(tmp_path: Path) -> None:
    async with nesting(tmp_path) as it:
        it.release("old")
        it.stay(True)
        staying = await it.fork("old")
        first, _ = await it.said(staying)
        for number in range(NESTS):
            it.release(f"new{number}")
            (await it.fork(f"new{number}")).close()
        assert staying.alive
        (pid,) = processes_of(it.parent, first)
        gone = Child("nest", pid, it.parent, os.pidfd_open(pid))
        it.stay(False)
        assert await staying.ended() == 0
        staying.close()
        await gone.gone()
        gone.close()
        assert (await it.told("old"))[0] != first


async def test_processes_end_with_what_they_were_forked_from(tmp_path: Path) -> None:
    async with nesting(tmp_path) as it:
        it.release("a")
        it.stay(True)
        staying = await it.fork("a")
        first, _ = await it.said(staying)
        (pid,) = processes_of(it.parent, first)
        processes.kill(pid, signal.SIGKILL)
        assert await staying.ended() == -signal.SIGKILL
        staying.close()
        it.stay(False)
        assert (await it.told("a"))[0] != first


async def test_what_a_release_leaves_behind_while_it_is_loaded_is_swept(tmp_path: Path) -> None:
    async with nesting(tmp_path) as it:
        it.release("a", SHARED + "if os.fork() == 0:\n    import signal\n    while True: signal.pause()\n")
        await it.told("a")
        assert len(it.parent.processes()) == 1
        await it.parent.sweep()
        assert it.parent.processes() == []


LIES = """
import json, os
LOADED_BY = os.getpid()
for word in WORDS:
    os.write(3, json.dumps(word).encode() + b"\\n")
"""


async def test_what_a_release_says_of_others_is_not_believed(tmp_path: Path) -> None:
    async with nesting(tmp_path) as it:
        it.release("good")
        it.stay(True)
        good = await it.fork("good")
        inner = processes.inner_pid(good.pid)
        words = [
            "no object", {"said": "nest", "pid": inner}, {"said": "ended", "pid": inner, "code": 0},
            {"said": "started", "id": "j2", "pid": inner}, {"said": "ended", "pid": inner, "code": 0},
        ]  # fmt: skip
        it.release("evil", LIES.replace("WORDS", repr(words)))
        with pytest.raises(ProductError, match="named a process that is not there"):
            await it.fork("evil")
        await it.parent.sweep()
        assert good.alive
        assert good.pid in it.parent.trees()
        it.stay(False)
        assert await good.ended() == 0
        good.close()
        assert (await it.told("good"))[0] == (await it.said(good))[0]


async def test_a_release_that_never_ends_a_line_is_started_without(tmp_path: Path) -> None:
    async with nesting(tmp_path) as it:
        it.release("a", SHARED + f"try: os.write(3, b'x' * {1 << 20})\nexcept OSError: pass\n")
        loaded, own = await it.told("a")
        assert loaded == own


def processes_of(parent: WarmParent, inner: int) -> list[int]:
    """The host's number of a process inside."""
    return [pid for pid in processes.descendants(parent.pid) if processes.inner_pid(pid) == inner]
