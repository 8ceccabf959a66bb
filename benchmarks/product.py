"""The tracker as a real server with a past, for benchmarks that ask it."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bus.chance import Chance
from bus.scenario import Scenario
from catalog.products import load_product
from concern.history import history_database

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """One instance, and where it listens: on a unix socket, or on a port of 127.0.0.1."""

    pid: int
    folder: Path
    socket: Path | None
    port: int | None

    def cpu_s(self) -> float:
        """Processor time so far, of all its threads; in steps of 10 ms."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(after_name[11]) + int(after_name[12])) * TICK_S


@contextmanager
def serving(scenario: Scenario, chance: Chance, port: int | None = None) -> Generator[Server]:
    """A server with everything that the scenario's customers stored before, in a folder that goes with it."""
    product = load_product("tracker")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "data").mkdir()
        shutil.copyfile(history_database(product, scenario, chance), folder / "app.db")
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker", "serve"],
            cwd=product.tree, env=_environment(folder, port), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            if not any('"listening"' in line for line in process.stderr):
                raise SystemExit("the product ended before it listened")
            threading.Thread(target=process.stderr.read, daemon=True).start()  # or its log would block it
            yield Server(process.pid, folder, None if port else folder / "s", port)
        finally:
            process.terminate()
            process.wait()


def _environment(folder: Path, port: int | None) -> dict[str, str]:
    where = {"TRACKER_PORT": str(port)} if port else {"TRACKER_SOCKET": str(folder / "s")}
    return {
        "PATH": os.environ["PATH"],
        "TRACKER_DATABASE_URL": f"sqlite:///{folder}/app.db",
        "TRACKER_DATA": str(folder / "data"),
        "TRACKER_SECRET": "for benchmarks only",
        "TRACKER_ARGON2_COST": "1,8,1",
        "TRACKER_API_REQUESTS_PER_MINUTE": "100000000",
        **where,
    }
