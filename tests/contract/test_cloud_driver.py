"""What a driver owes: builds that trust nothing, instances that harm only themselves, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from cloud_client import Client
from cloud_product import Repository

from bus.simtime import SimTime
from services.cloud import guard, process, warm
from services.cloud.edge.access import AccessLog
from services.cloud.edge.edge import Edge
from services.cloud.edge.upstream import Upstream
from services.cloud.errors import ProductError
from services.cloud.infra import App, Health, Infra, parse
from services.cloud.layout import Layout
from services.cloud.process import ProcessDriver, ProcessInstance, process_driver
from services.cloud.reach import Pinned
from services.cloud.release import Release
from services.sandbox import processes
from services.sandbox.errors import SandboxError
from services.sandbox.spec import Isolation

pytestmark = pytest.mark.anyio


START = datetime(2030, 1, 1, tzinfo=UTC)
HEALTH = Health(path="/healthz")


class Site:
    """A driver with a repository and the release of its first commit."""

    def __init__(self, driver: ProcessDriver, repository: Repository, release: Release, infra: Infra) -> None:
        self.driver = driver
        self.repository = repository
        self.release = release
        self.app = infra.app

    async def built(self, old: str, new: str) -> Release:
        """A release with a change."""
        self.repository.change(old, new)
        return await self.driver.build("HEAD")

    async def start(self, name: str, release: Release | None = None, app: App | None = None) -> ProcessInstance:
        return await self.driver.start(name, (release or self.release).id, app or self.app, HEALTH)


@asynccontextmanager
async def site(folder: Path, isolation: Isolation = Isolation.FULL) -> AsyncGenerator[Site]:
    repository = Repository(folder / "workspace")
    async with process_driver(Layout(folder / "cloud", folder / "workspace"), isolation, START, "secret") as driver:
        release = await driver.build("HEAD")
        infra = parse(await driver.show("HEAD", "deploy/infra.toml"))
        yield Site(driver, repository, release, infra)


async def get(instance: ProcessInstance, path: str) -> str:
    client = Client(instance.address)
    try:
        return (await client.get(path)).text
    finally:
        await client.close()


@pytest.mark.parametrize("isolation", [Isolation.FULL, Isolation.PARTIAL])
async def test_mail_is_taken_but_not_that_of_instances_with_data_of_their_own(
    tmp_path: Path, isolation: Isolation
) -> None:
    async with site(tmp_path, isolation) as it:
        place = it.driver.layout.data / "probe"
        place.mkdir()
        it.driver.hand_over(place)
        job = ["python", "-m", "hello", "job"]
        assert (await it.driver.run("job-probe", it.release.id, job, it.app, place="probe")).code == 0
        assert len(list((place / "mail" / "new").iterdir())) == 1
        assert it.driver.take_mail(10).letters == []
        assert (await it.driver.run("job-digest", it.release.id, job, it.app)).code == 0
        (letter,) = it.driver.take_mail(10).letters
        assert b"To: boss@hello.example" in letter


@pytest.mark.parametrize("isolation", [Isolation.FULL, Isolation.PARTIAL])
async def test_instances_run_at_the_time_they_are_told(tmp_path: Path, isolation: Isolation) -> None:
    async with site(tmp_path, isolation) as it:
        instance = await it.start("i_1")
        assert await get(instance, "/clock") == "2030-01-01T00:00"
        it.driver.set_clock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC))
        assert await get(instance, "/clock") == "2031-05-06T07:08"
        before = instance.cpu_ns()
        await get(instance, "/clock")
        assert instance.cpu_ns() > before > 0
        assert instance.rss_bytes() > 1 << 20
        first = min(os.sched_getaffinity(0))
        instance.pin(first)
        family = [instance.child.pid, *processes.descendants(instance.child.pid)]
        threads = [int(name) for pid in family for name in os.listdir(f"/proc/{pid}/task")]
        assert {tuple(os.sched_getaffinity(thread)) for thread in threads} == {(first,)}
        await instance.stop(grace_s=10)
        assert not instance.alive
        assert list(it.driver.layout.run.iterdir()) == []


async def test_equal_trees_are_one_release_and_jobs_tell_their_status(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        it.repository.change('"one"', '"two"')
        changed = await it.driver.build("HEAD")
        it.repository.change('"two"', '"one"')
        again = await it.driver.build("HEAD")
        assert changed.id != it.release.id == again.id
        assert again.commit != it.release.commit
        ended = await it.driver.run("job", it.release.id, ("python", "-m", "hello", "job"), it.app)
        assert (ended.code, ended.detail) == (0, "digest at 2030-01-01T00:00\n")
        failed = await it.driver.run("job", it.release.id, ("sh", "-c", "echo oops; exit 7"), it.app)
        assert failed.code == 7
        assert failed.detail.endswith("oops\n")


JOB = ("python", "-m", "hello", "job")


@pytest.mark.parametrize("isolation", [Isolation.FULL, Isolation.PARTIAL])
async def test_jobs_of_a_release_are_forked_from_where_their_module_is_loaded(
    tmp_path: Path, isolation: Isolation
) -> None:
    async with site(tmp_path, isolation) as it:
        it.repository.commit({"hello/jobs.py": "import os\nLOADED_BY = os.getpid()\n"})
        told = await it.built(
            "    print(", "    from hello.jobs import LOADED_BY\n    print(LOADED_BY != os.getpid(), "
        )
        for _ in range(2):
            ended = await it.driver.run("job", told.id, JOB, it.app, loaded=True)
            assert (ended.code, ended.detail.splitlines()[-1]) == (0, "True digest at 2030-01-01T00:00")
        changed = await it.built('"digest at"', '"news at"')
        ended = await it.driver.run("job", changed.id, JOB, it.app, loaded=True)
        assert ended.detail.splitlines()[-1] == "True news at 2030-01-01T00:00"
        cold = await it.driver.run("job", changed.id, JOB, it.app)
        assert cold.detail.splitlines()[-1] == "False news at 2030-01-01T00:00"
        orphan = ("python", "-m", "hello.jobs")
        it.repository.commit(
            {"hello/jobs.py": "import os, time\nif __name__ == '__main__' and os.fork() == 0:\n    time.sleep(600)\n"}
        )
        left = await it.driver.build("HEAD")
        assert (await it.driver.run("job", left.id, orphan, it.app, loaded=True)).code == 0
        assert it.driver.processes() == []


@pytest.mark.parametrize("module", ["import os\nos._exit(3)\n", "while True: pass\n"])
async def test_a_module_that_cannot_be_loaded_early_costs_its_jobs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    async with site(tmp_path) as it:
        it.repository.commit({"hello/jobs.py": module})
        release = await it.driver.build("HEAD")
        monkeypatch.setattr(warm, "START_SECONDS", 3.0)
        for _ in range(2):
            ended = await it.driver.run("job", release.id, JOB, it.app, loaded=True)
            assert ended.code == 0
        assert it.driver.processes() == []


async def test_git_of_the_workspace_runs_only_inside(tmp_path: Path) -> None:
    """A monitor and a filter that the repository names would run outside: markers show that they did not."""
    marker = tmp_path / "marker"
    async with site(tmp_path) as it:
        (it.repository.folder / ".gitattributes").write_text("*.py filter=evil\n")
        it.repository.commit({"deploy/more": "x"})
        it.repository.git("config", "core.fsmonitor", f"touch {marker}")
        it.repository.git("config", "filter.evil.smudge", f"sh -c 'touch {marker}; cat'")
        it.repository.git("config", "core.pager", f"touch {marker}")
        release = await it.driver.build("HEAD")
        assert release.files > it.release.files
        assert not marker.exists()


async def test_links_are_not_deployed(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        secret = tmp_path / "secret"
        secret.write_text("gold")
        (it.repository.folder / "link").symlink_to(secret)
        it.repository.commit({"other": "x"})
        with pytest.raises(ProductError, match="link: only regular files"):
            await it.driver.build("HEAD")


async def test_a_process_that_never_listens_fails_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "READY_SECONDS", 1.0)
    async with site(tmp_path) as it:
        deaf = App(command=("sh", "-c", "echo deaf; exec sleep 600"))
        with pytest.raises(ProductError, match=r"nothing listened(.|\n)*deaf"):
            await it.start("i_1", app=deaf)
        assert it.driver.processes() == []


async def test_a_socket_that_is_a_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "READY_SECONDS", 1.0)
    outside = tmp_path / "outside.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(outside))
        listener.listen()
        (tmp_path / "link").symlink_to(outside)
        with pytest.raises(FileNotFoundError):
            Pinned(tmp_path / "link")
        async with site(tmp_path, Isolation.PARTIAL) as it:
            app = App(command=("sh", "-c", f"ln -s {outside} $SOCKET; exec sleep 600"))
            with pytest.raises(ProductError, match="nothing listened"):
                await it.start("i_1", app=app)


async def test_logs_that_are_links_are_not_followed(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        secret = tmp_path / "secret"
        secret.write_text("gold")
        (it.driver.layout.log / "i_9.log").symlink_to(secret)
        assert it.driver.log_tail("i_9", 100) == ""


async def test_one_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        stubborn = await it.built(
            "    web.run_app(app, ",
            "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    web.run_app(app, handle_signals=False, ",
        )
        instance = await it.start("i_1", stubborn)
        await instance.stop(grace_s=0.2)
        assert not instance.alive
        assert list(it.driver.layout.run.iterdir()) == []


async def test_orphans_go_with_their_instance(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        instance = await it.start("i_1")
        assert await get(instance, "/orphan") == "left"
        await instance.stop(grace_s=10)
        assert it.driver.processes() == []


async def test_a_fork_bomb_harms_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "EVERY_S", 0.1)
    async with site(tmp_path) as it:
        good = await it.start("i_1")
        code = "import os\nwhile True:\n    try:\n        os.fork()\n        os.setsid()\n    except OSError:\n        pass"
        ended = anyio.Event()

        async def explode() -> None:
            await it.driver.run("bomb", it.release.id, ("python3", "-c", code), it.app)
            ended.set()

        async with anyio.create_task_group() as group:
            group.start_soon(explode)
            while not ended.is_set():
                assert (await get(good, "/")).startswith("one")
        assert it.driver.processes() == [good.child.pid]
        await good.stop(grace_s=10)


async def test_a_full_disk_ends_what_fills_it_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "EVERY_S", 0.1)
    monkeypatch.setattr(guard, "DISK_BYTES", 8 << 20)
    monkeypatch.setattr(process, "DISK_BYTES", 8 << 20)
    async with site(tmp_path) as it:
        fill = ("sh", "-c", "while :; do head -c 1000000 /dev/zero >> $HELLO_DATA/big; done")
        ended = await it.driver.run("fill", it.release.id, fill, it.app)
        assert ended.code != 0
        with pytest.raises(ProductError, match="disk is full"):
            await it.start("i_1")
        (it.driver.layout.data / "big").unlink()
        instance = await it.start("i_2")
        await instance.stop(grace_s=10)


async def test_the_sandbox_comes_back_when_it_is_killed(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        instance = await it.start("i_1")
        await it.driver.run("suicide", it.release.id, ("sh", "-c", "kill -9 $PPID"), it.app)
        await instance.ended()
        await it.driver.up()
        again = await it.start("i_2")
        assert (await get(again, "/")).startswith("one")
        await again.stop(grace_s=10)


async def test_a_second_supervisor_is_refused(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        with pytest.raises(SandboxError, match="another cloud already runs"):
            async with process_driver(it.driver.layout, Isolation.FULL, START, "s"):
                pass
    async with process_driver(Layout(tmp_path / "cloud", tmp_path / "workspace"), Isolation.FULL, START, "s"):
        pass


SUPERVISOR = """
import sys, json, anyio
from pathlib import Path
from datetime import datetime, UTC
from services.cloud.infra import Health, parse
from services.cloud.layout import Layout
from services.cloud.process import process_driver
from services.sandbox.spec import Isolation
async def main(root, level):
    layout = Layout(root / "cloud", root / "workspace")
    async with process_driver(layout, Isolation(level), datetime(2030, 1, 1, tzinfo=UTC), "s") as driver:
        release = await driver.build("HEAD")
        app = parse(await driver.show("HEAD", "deploy/infra.toml")).app
        instance = await driver.start("i_1", release.id, app, Health(path="/healthz"))
        print(instance.child.pid, flush=True)
        await anyio.sleep_forever()
anyio.run(main, Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("isolation", [Isolation.FULL, Isolation.PARTIAL])
async def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, isolation: Isolation) -> None:
    Repository(tmp_path / "workspace")
    env = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), isolation]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        instance = int(supervisor.stdout.readline())
        family = [os.pidfd_open(pid) for pid in processes.descendants(supervisor.pid)]
        assert processes.alive(instance)
        os.kill(supervisor.pid, signal.SIGKILL)
    for descriptor in family:
        with anyio.fail_after(20):
            await anyio.wait_readable(descriptor)
        os.close(descriptor)
    assert not processes.alive(instance)


async def test_the_edge_serves_on_while_an_instance_dies(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        edge = Edge(AccessLog(tmp_path / "access.jsonl"), lambda: SimTime(0))
        instances = [await it.start(f"i_{number}") for number in range(2)]
        for instance in instances:
            edge.add(Upstream(instance.id, instance.address))
        async with edge.listening(tmp_path / "edge.sock"):
            client = Client(str(tmp_path / "edge.sock"))
            assert (await client.get("/crash")).status == 502
            assert [(await client.get("/")).status for _ in range(6)] == [200] * 6
            await client.close()
        lines = [json.loads(line) for line in (tmp_path / "access.jsonl").read_text().splitlines()]
        assert [line["error"] for line in lines] == ["closed_early", *[""] * 6]
        for instance in instances:
            await instance.stop(grace_s=10)
