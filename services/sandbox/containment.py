"""The containment probe: what the walls really hold, measured at start by trying to get through them."""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from services.sandbox.errors import SandboxError
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import Isolation, SandboxSpec
from services.sandbox.view import SITE_PACKAGES

ORDER = (Isolation.NONE, Isolation.PARTIAL, Isolation.FULL)
FACTS_OF_PARTIAL = (
    "environment",
    "descriptors",
    "files",
    "tcp",
    "abstract_sockets",
    "path_sockets",
    "signals",
    "packages",
    "clock",
    "new_namespaces",
)
"""What must hold for `partial`; `full` also hides processes and is never root."""
FACTS_OF_FULL = (*FACTS_OF_PARTIAL, "processes", "root_account")


@dataclass(frozen=True)
class Containment:
    """The level reached, to be stamped into reward messages, and each fact: True where the wall held."""

    level: Isolation
    facts: dict[str, bool]

    @property
    def broken(self) -> list[str]:
        """Names of the walls that did not hold."""
        return sorted(name for name, held in self.facts.items() if not held)


async def probe(isolation: Isolation, spec: SandboxSpec | None = None) -> Containment:
    """Run the attacks inside a sandbox of this level and report what held. SandboxError if it cannot start at all."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="probe-")))
        folder.chmod(0o755)  # noqa: ASYNC240 (microseconds)
        spec = spec or SandboxSpec(state=folder / "state")
        sandbox = Sandbox(replace(spec, isolation=isolation))
        job = _canaries(stack, folder) | {"packages": sandbox.path(SITE_PACKAGES)}
        target = stack.enter_context(_target(str(job["canary"])))
        job["pid"] = target.pid
        script = Path(__file__).with_name("probe_script.py").read_text()
        done = await sandbox.run(
            [sandbox.python, "-I", "-S", "-c", script], stdin=json.dumps(job).encode(), output_cap=1 << 20
        )
        if done.code != 0:
            raise SandboxError(f"a sandbox of level {isolation} does not start: {done.stderr.decode().strip()}")
        got = json.loads(done.stdout)
        ours = _environment()
        given = {f"{name}={value}" for name, value in sandbox.view.environment().items()}
        seen = {word for block in got["environment"] for word in block.split("\0")}
        got["environment"] = bool(seen & ours - given)
        got["signals"] = got["signals"] and target.poll() is not None
    facts = {name: not leaked for name, leaked in got.items()}
    return Containment(_level(isolation, facts), facts)


async def require(isolation: Isolation, spec: SandboxSpec | None = None) -> Containment:
    """Probe, and refuse (SandboxError) when less was reached than asked."""
    advice = "run on Linux with user namespaces (see docs), or accept less with --isolation partial or none"
    try:
        reached = await probe(isolation, spec)
    except SandboxError as error:
        raise SandboxError(f"{error}; {advice}") from error
    if ORDER.index(reached.level) < ORDER.index(isolation):
        raise SandboxError(f"isolation {isolation} was not reached: {', '.join(reached.broken)} leaked; {advice}")
    return reached


def _environment() -> set[str]:
    """Our own variables, as they were when we started."""
    return set(Path("/proc/self/environ").read_text(errors="replace").split("\0")) - {""}


def _level(asked: Isolation, facts: dict[str, bool]) -> Isolation:
    if asked is Isolation.FULL and all(facts[name] for name in FACTS_OF_FULL):
        return Isolation.FULL
    if asked is not Isolation.NONE and all(facts[name] for name in FACTS_OF_PARTIAL):
        return Isolation.PARTIAL
    return Isolation.NONE


def _canaries(stack: ExitStack, folder: Path) -> dict[str, object]:
    canary = "canary-" + os.urandom(8).hex()
    outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="canary-")))
    outside.chmod(0o755)
    (outside / "file").write_text(canary)
    (outside / "file").chmod(0o644)
    inherited = os.open(outside / "file", os.O_RDONLY)
    stack.callback(os.close, inherited)
    os.set_inheritable(inherited, True)
    listeners = [
        _listener(stack, socket.AF_INET, ("127.0.0.1", 0)),
        _listener(stack, socket.AF_UNIX, "\0" + canary),
        _listener(stack, socket.AF_UNIX, str(outside / "socket")),
    ]
    (outside / "socket").chmod(0o666)
    return {
        "canary": canary,
        "file": str(outside / "file"),
        "port": listeners[0].getsockname()[1],
        "socket": str(outside / "socket"),
    }


def _listener(stack: ExitStack, family: int, address: object) -> socket.socket:
    listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
    listener.bind(address)  # pyright: ignore[reportArgumentType]
    listener.listen()
    return listener


@contextmanager
def _target(canary: str) -> Generator[subprocess.Popen[bytes]]:
    """A process of ours outside, whose command line names the canary, to be seen and signalled."""
    process = subprocess.Popen(["/bin/sh", "-c", "read line", canary], stdin=subprocess.PIPE, env={})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
