"""The tracker as a real server with a past, for benchmarks that ask it."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bus.chance import Chance
from bus.scenario import Scenario
from catalog.products import load_product
from concern.history import history_database


@dataclass(frozen=True)
class Server:
    """One instance, and where it listens: on a unix socket, or on a port of 127.0.0.1."""

    pid: int
    socket: Path | None
    port: int | None


@contextmanager
def serving(scenario: Scenario, chance: Chance, port: int | None = None, instances: int = 1) -> Generator[list[Server]]:
    """Instances with everything that the scenario's customers stored before, in a folder that goes with them."""
    product = load_product("tracker")
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "data").mkdir()
        shutil.copyfile(history_database(product, scenario, chance), folder / "app.db")
        where = [None if port else folder / f"s{number}" for number in range(instances)]
        yield [stack.enter_context(_instance(product.tree, folder, socket, port)) for socket in where]


@contextmanager
def _instance(tree: Path, folder: Path, socket: Path | None, port: int | None) -> Generator[Server]:
    environment = {
        "PATH": os.environ["PATH"],
        "TRACKER_DATABASE_URL": f"sqlite:///{folder}/app.db",
        "TRACKER_DATA": str(folder / "data"),
        "TRACKER_SECRET": "for benchmarks only",
        "TRACKER_ARGON2_COST": "1,8,1",
        "TRACKER_API_REQUESTS_PER_MINUTE": "100000000",
        **({"TRACKER_SOCKET": str(socket)} if socket else {"TRACKER_PORT": str(port)}),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tracker", "serve"], cwd=tree, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        if not any('"listening"' in line for line in process.stderr):
            raise SystemExit("the product ended before it listened")
        threading.Thread(target=process.stderr.read, daemon=True).start()  # or its log would block it
        yield Server(process.pid, socket, port)
    finally:
        process.terminate()
        process.wait()
