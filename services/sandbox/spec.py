"""What a sandbox is asked to be: what it may see, how much it may take, and how strong its walls must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

MIB = 1 << 20


class Isolation(StrEnum):
    """How strong the walls are; the level is chosen, then measured by `services.sandbox.containment`."""

    FULL = "full"
    """Own namespaces (bubblewrap): files, processes, network, clock and names of its own, plus a seccomp filter."""
    PARTIAL = "partial"
    """Where user namespaces are refused: Landlock for files and signals, seccomp for sockets. Host paths show."""
    NONE = "none"
    """An ordinary process with an empty environment and resource limits. For trusted experiments only."""


@dataclass(frozen=True)
class Bind:
    """A host file or folder shown inside."""

    source: Path
    target: str
    """Absolute, neutral path inside, such as `/srv/app`. Without namespaces the host path is used instead."""
    writable: bool = False


@dataclass(frozen=True)
class Limits:
    """What one sandbox may take. Process limits count inside its own user namespace."""

    processes: int = 256
    file_bytes: int = 1024 * MIB
    open_files: int = 1024
    memory_bytes: int = 1024 * MIB
    """Writable private memory of one process (RLIMIT_DATA)."""
    address_bytes: int = 8192 * MIB
    cpu_seconds: int | None = None
    """CPU seconds of one process; None for what serves for ever."""
    tmp_bytes: int = 64 * MIB
    """Size of the private `/tmp`."""


@dataclass(frozen=True)
class Account:
    """The dedicated account that untrusted programs run as when we are root. It needs no entry in /etc/passwd."""

    uid: int = 64901
    gid: int = 64901


@dataclass(frozen=True)
class SandboxSpec:
    """One sandbox, declared. Everything not named here is absent inside."""

    state: Path
    """Folder of ours, outside the sandbox, for its small files (the own `/etc`, and `/tmp` without namespaces)."""
    binds: tuple[Bind, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    chdir: str = "/tmp"  # noqa: S108 (the sandbox has its own)
    limits: Limits = Limits()
    account: Account = Account()
    isolation: Isolation = Isolation.FULL
    clock: Path | None = None
    """Folder of a `SimulatedClockFile`; None leaves the host's clock."""
