"""The private environment of the peers, and a peer in a process of its own."""

import os
import subprocess
import venv
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
CACHE = Path.home() / ".cache" / "going-concern" / "peers"


def peers_python() -> Path:
    """The interpreter of an environment with the peers; made if it is missing."""
    python, done = CACHE / "bin" / "python", CACHE / "ready"
    wanted = (PEERS / "requirements.txt").read_text()
    if not done.exists() or done.read_text() != wanted:
        print(f"installing the peers into {CACHE}")
        venv.create(CACHE, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([*command, str(PEERS / "requirements.txt")], check=True)
        done.write_text(wanted)
    return python


class Peer:
    """A script in a process of its own: it says that it is ready, and answers each line with a line."""

    def __init__(self, command: list[str]) -> None:
        environment = os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._line()

    def ask(self, line: str) -> list[float]:
        """The numbers that it answers."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return [float(each) for each in self._line().split()]

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a peer died; its error stands above")
        return line
