"""The past of a world: a database in which customers have worked for months, made by the good product itself.

Making it takes seconds, so it is kept by content (product, seed file) and copied: the same past for the same seed.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from agents.users.history import history
from bus.chance import Chance
from bus.scenario import Scenario
from bus.world import World
from catalog.products import Product

CACHE_VARIABLE = "CONCERN_CACHE"
"""Environment: where things that are kept by content stand; by default `.cache/going-concern` in the home directory."""


LEFTOVERS = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache"})
"""Folders that tools leave in a tree; they are no source."""


class HistoryError(Exception):
    """The product could not be given its past."""


def cache_directory() -> Path:
    """Where things that are kept by content stand; made if missing."""
    named = os.environ.get(CACHE_VARIABLE)
    folder = Path(named) if named else Path.home() / ".cache" / "going-concern"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def place_history(world: World, product: Product) -> None:
    """Put the database, closed and checkpointed, into the cloud's data folder."""
    data = world.directory("cloud") / "data"
    data.mkdir(exist_ok=True)
    shutil.copyfile(history_database(product, world.scenario, world.chance), data / product.history.database)


def history_database(product: Product, scenario: Scenario, chance: Chance) -> Path:
    """A database with the past that a scenario and a seed give their customers, kept by content."""
    spec = orjson.dumps(history(scenario, chance), option=orjson.OPT_SORT_KEYS)
    key = hashlib.sha256(tree_digest(product.tree).encode() + spec).hexdigest()[:32]
    kept = cache_directory() / "history" / f"{key}.db"
    kept.parent.mkdir(exist_ok=True)
    with _alone(kept.with_suffix(".lock")):
        if not kept.exists():
            _make(product, spec, kept)
    return kept


def tree_digest(tree: Path) -> str:
    """SHA-256 over the names and contents of a tree's source files."""
    digest = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not LEFTOVERS & set(path.parts):
            digest.update(str(path.relative_to(tree)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _make(product: Product, spec: bytes, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        database = Path(folder) / product.history.database
        values = {"database": str(database), "data": folder}
        environment = {"PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {name: text.format(**values) for name, text in product.history.env.items()}
        _run(product, product.history.migrate, environment, b"")
        _run(product, product.history.seed, environment, spec)
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        part = target.with_suffix(".part")
        shutil.copyfile(database, part)
        part.rename(target)


def _run(product: Product, command: Sequence[str], environment: dict[str, str], given: bytes) -> None:
    argv = [sys.executable if word == "python" else word for word in command]
    done = subprocess.run(argv, cwd=product.tree, env=environment, input=given, capture_output=True, check=False)
    if done.returncode:
        tail = done.stderr.decode(errors="replace")[-800:]
        raise HistoryError(f"{product.name}: {' '.join(command)} ended with {done.returncode}: {tail}")


@contextmanager
def _alone(lock: Path) -> Generator[None]:
    """One maker at a time, across processes."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
