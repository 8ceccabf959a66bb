"""Which Python untrusted programs get: our base interpreter and the third-party packages, never our own code."""

import importlib.metadata
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PREFIX = "/opt/python"
VENV = "/opt/venv"
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
DISTRIBUTION = "going-concern"


@dataclass(frozen=True)
class Interpreter:
    """Host folders of the interpreter, and what of them must stay hidden."""

    base: Path
    packages: Path
    hidden: tuple[str, ...]
    """Entries of `packages` that are ours (an installed copy would show the catalogue of defects)."""

    @property
    def executable(self) -> Path:
        """The base interpreter on the host."""
        return self.base / "bin" / VERSION


@cache
def interpreter() -> Interpreter:
    """The interpreter that runs us, as seen by the sandbox."""
    packages = Path(sysconfig.get_path("purelib"))
    return Interpreter(Path(sys.base_prefix), packages, _own_entries(packages))


def _own_entries(packages: Path) -> tuple[str, ...]:
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return ()
    names = {file.parts[0] for file in distribution.files or () if file.parts and file.parts[0] != ".."}
    return tuple(sorted(name for name in names if (packages / name).exists()))
