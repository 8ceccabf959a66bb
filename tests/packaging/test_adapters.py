"""Contract tests of the adapters, each in an environment of its own; skipped, loudly, where none is named."""

import os
import subprocess
from pathlib import Path

import pytest

ADAPTERS = Path(__file__).resolve().parents[2] / "adapters"
VARIABLES = {
    "harbor": "CONCERN_HARBOR_PYTHON",
    "inspect": "CONCERN_INSPECT_PYTHON",
    "openenv": "CONCERN_OPENENV_PYTHON",
}


def test_every_adapter_is_tested_here() -> None:
    assert {path.name for path in ADAPTERS.iterdir() if path.is_dir()} == VARIABLES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIABLES)
def test_an_adapter_keeps_its_contract(name: str) -> None:
    python = os.environ.get(VARIABLES[name])
    if python is None:
        pytest.skip(f"set {VARIABLES[name]} to the python of an environment with adapters/{name}/requirements.txt")
    argv = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir=.", "test_contract.py"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(argv, cwd=ADAPTERS / name, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_lock_file_pins_everything_and_names_no_index(name: str) -> None:
    lines = (ADAPTERS / name / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all("==" in line and "://" not in line and not line.startswith("-") for line in pins)
