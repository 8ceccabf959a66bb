"""The walls of the sandbox, tried one by one, at the level that this machine reaches and at the weaker ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.sandbox import containment, processes
from services.sandbox.containment import FACTS_OF_FULL, FACTS_OF_PARTIAL, probe, require
from services.sandbox.errors import SandboxError
from services.sandbox.interpreter import Interpreter, interpreter
from services.sandbox.sandbox import Sandbox, end
from services.sandbox.shim import seccomp_program
from services.sandbox.spec import MIB, Bind, Isolation, Limits, SandboxSpec

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(params=[Isolation.FULL, Isolation.PARTIAL])
def walled(request: pytest.FixtureRequest, tmp_path: Path) -> Sandbox:
    return Sandbox(SandboxSpec(state=tmp_path / "state", isolation=request.param))


@pytest.fixture
def full(tmp_path: Path) -> Sandbox:
    return Sandbox(SandboxSpec(state=tmp_path / "state"))


async def python(sandbox: Sandbox, code: str) -> str:
    """What a program inside prints."""
    done = await sandbox.run([sandbox.python, "-I", "-S", "-c", code])
    return (done.stdout + done.stderr).decode().strip()


@pytest.mark.parametrize("fact", FACTS_OF_FULL)
async def test_full_holds(fact: str) -> None:
    reached = await probe(Isolation.FULL)
    assert reached.facts[fact], reached.broken
    assert reached.level is Isolation.FULL


async def test_partial_holds_what_it_promises_and_says_what_it_does_not() -> None:
    reached = await probe(Isolation.PARTIAL)
    assert reached.level is Isolation.PARTIAL
    assert all(reached.facts[fact] for fact in FACTS_OF_PARTIAL)
    assert set(reached.broken) <= {"root_account"}


async def test_none_leaks_and_is_stamped_none() -> None:
    reached = await probe(Isolation.NONE)
    assert reached.level is Isolation.NONE
    assert {"files", "tcp", "abstract_sockets", "path_sockets"} <= set(reached.broken)


async def test_less_than_asked_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    async def weak(isolation: Isolation, spec: SandboxSpec | None = None) -> containment.Containment:
        return containment.Containment(Isolation.PARTIAL, {"processes": False})

    monkeypatch.setattr(containment, "probe", weak)
    with pytest.raises(SandboxError, match=r"processes leaked.*--isolation partial"):
        await require(Isolation.FULL)
    assert (await require(Isolation.PARTIAL)).level is Isolation.PARTIAL


def test_the_launchers_environment_stays_outside() -> None:
    """A launcher that holds a secret in its own environment: nothing inside can read it."""
    code = (
        "import anyio\n"
        "from services.sandbox.containment import probe\n"
        "from services.sandbox.spec import Isolation\n"
        "print([anyio.run(probe, level).facts['environment'] for level in (Isolation.FULL, Isolation.PARTIAL)])\n"
    )
    env = {"SECRET_CANARY": "tell-nobody", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[True, True]"


async def test_host_paths_show_only_where_folders_are_bound(full: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "file").write_text("seen")
    (shown / "link").symlink_to(secret)
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "s2", binds=(Bind(shown, "/srv/data"),)))
    assert await python(sandbox, "print(open('/srv/data/file').read())") == "seen"
    assert "No such file" in await python(sandbox, "print(open('/srv/data/link').read())")
    assert "Read-only" in await python(sandbox, "open('/srv/data/new', 'w')")
    assert "No such file" in await python(full, f"open({str(secret)!r})")


async def test_nothing_inside_can_be_written_but_its_own_tmp(full: Sandbox) -> None:
    for path in ("/", "/usr", "/etc", "/opt/python", "/opt/venv/lib", "/dev", "/srv"):
        assert "Error" in await python(full, f"open({path + '/canary'!r}, 'w')"), path
    assert await python(full, "open('/tmp/x', 'w').write('x'); print('ok')") == "ok"


async def test_tmp_is_limited(tmp_path: Path) -> None:
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", limits=Limits(tmp_bytes=2 * MIB)))
    assert "No space left" in await python(sandbox, "open('/tmp/x', 'wb').write(bytes(5 << 20))")


async def test_limits_of_memory_files_and_processes(tmp_path: Path) -> None:
    limits = Limits(memory_bytes=128 * MIB, file_bytes=MIB, open_files=32, processes=20, tmp_bytes=8 * MIB)
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", limits=limits))
    assert "MemoryError" in await python(sandbox, "x = bytearray(200 << 20)")
    big = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); open('/tmp/x', 'wb').write(bytes(3 << 20))"
    assert "File too large" in await python(sandbox, big)
    assert "Too many open files" in await python(sandbox, "x = [open('/dev/null') for _ in range(40)]")
    forks = "import os, time\nfor _ in range(40):\n    if os.fork() == 0: time.sleep(60)"
    assert "Resource temporarily unavailable" in await python(sandbox, forks)


async def test_a_busy_loop_meets_its_cpu_limit(tmp_path: Path) -> None:
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", limits=Limits(cpu_seconds=1)))
    done = await sandbox.run([sandbox.python, "-I", "-S", "-c", "while True: pass"], timeout=120)
    assert not done.timed_out
    assert done.code != 0


async def test_sockets_of_the_weaker_level_can_only_listen(tmp_path: Path) -> None:
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", isolation=Isolation.PARTIAL))
    code = "import socket; s = socket.socket({}); print('made')"
    assert "not permitted" in await python(sandbox, code.format("socket.AF_INET"))
    assert "not permitted" in await python(sandbox, code.format("socket.AF_NETLINK, socket.SOCK_RAW"))
    assert "not permitted" in await python(sandbox, code.format("socket.AF_UNIX, socket.SOCK_DGRAM"))
    assert await python(sandbox, code.format("socket.AF_UNIX")) == "made"


async def test_tracing_and_new_namespaces_are_refused(walled: Sandbox) -> None:
    call = "import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.{}, ctypes.get_errno())"
    assert await python(walled, call.format("ptrace(0, 0, 0, 0)")) == "-1 1"
    assert await python(walled, call.format("unshare(0x10000000)")) == "-1 1"


async def test_output_is_capped_and_time_too(walled: Sandbox) -> None:
    done = await walled.run(["/bin/sh", "-c", "head -c 300000 /dev/zero; echo end >&2"], output_cap=1000)
    assert (done.code, len(done.stdout), done.truncated, done.stderr) == (0, 1000, True, b"end\n")
    late = await walled.run(["/bin/sleep", "600"], timeout=0.2)
    assert late.timed_out


async def test_input_reaches_the_program(walled: Sandbox) -> None:
    done = await walled.run(["/bin/cat"], stdin=b"x" * 200_000, output_cap=300_000)
    assert done.stdout == b"x" * 200_000
    assert (await walled.run(["/bin/true"], stdin=b"x" * 200_000)).code == 0


async def test_ending_a_sandbox_leaves_nothing(walled: Sandbox) -> None:
    process = await walled.start(["/bin/sh", "-c", "setsid sleep 600 & setsid sleep 600 & echo up; wait"])
    assert process.stdout is not None
    await process.stdout.receive()
    family = [process.pid, *processes.descendants(process.pid)]
    assert len(family) >= 3
    await end(process)
    assert not [pid for pid in family if processes.alive(pid)]


async def test_what_is_ours_is_hidden_from_an_installed_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the project installed into site-packages, the catalogue of defects must not show inside."""
    packages = tmp_path / "packages"
    (packages / "catalog").mkdir(parents=True)
    (packages / "catalog" / "answers.py").write_text("gold")
    (packages / "other").mkdir()
    (packages / "other" / "open.py").write_text("public")
    for level in (Isolation.FULL, Isolation.PARTIAL):
        installed = Interpreter(interpreter().base, packages, ("catalog",))
        for module in ("command", "sandbox"):
            monkeypatch.setattr(f"services.sandbox.{module}.interpreter", lambda found=installed: found)
        sandbox = Sandbox(SandboxSpec(state=tmp_path / level, isolation=level))
        site = sandbox.path("/opt/venv/lib/") + f"python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
        listing = f"import glob; print(len(glob.glob({site!r} + '/catalog/*')), len(glob.glob({site!r} + '/other/*')))"
        assert await python(sandbox, listing) == "0 1", level


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_well_formed(machine: str) -> None:
    for sockets in (True, False):
        program = seccomp_program(machine, sockets)
        assert len(program) % 8 == 0
        lines = [program[start : start + 8] for start in range(0, len(program), 8)]
        for position, line in enumerate(lines):
            code, yes, no = int.from_bytes(line[:2], "little"), line[2], line[3]
            if code & 0x07 == 0x05:
                assert position + 1 + max(yes, no) < len(lines)
        assert lines[-1][0] == 0x06


async def test_the_account_is_not_root(full: Sandbox) -> None:
    got = json.loads(
        await python(full, "import os, json; print(json.dumps([os.getuid(), os.getgid(), os.getgroups()]))")
    )
    assert got[0] != 0
    assert got[1] != 0
    assert 0 not in got[2]
    if os.geteuid() == 0:
        assert got[0] == full.spec.account.uid
