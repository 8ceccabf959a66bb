"""Makes a task of its own from this folder: a scenario, a seed, and secrets that are in no repository.

python adapters/harbor/pack.py TASK --scenario short --seed 7
harbor run -p TASK -a nop        # the floor; -a oracle: the ceiling; or any agent
"""

import argparse
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOKEN = "operator-of-this-company"  # noqa: S105 (what stands for one in this folder)
PARTS = ("environment", "solution", "tests", "instruction.md", "task.toml")


def pack(task: Path, scenario: str, seed: int, *, single: bool = False) -> None:
    """A new folder `task`. Its token opens the tools, its key is the oracle's; both are drawn afresh.

    `single` leaves the compose file out, for providers that run images only.
    """
    if not scenario.isidentifier() and not scenario.replace("-", "").isalnum():
        raise ValueError(f"{scenario!r} is no scenario's name")
    task.mkdir(mode=0o700, parents=True)
    for name in PARTS:
        source = HERE / name
        if source.is_dir():
            shutil.copytree(source, task / name, ignore=shutil.ignore_patterns("__pycache__", "*.key"))
        else:
            shutil.copy(source, task / name)
    if single:
        (task / "environment" / "docker-compose.yaml").unlink()
    token, key = secrets.token_urlsafe(18), secrets.token_hex(24)
    _replace(task / "task.toml", {TOKEN: token})
    for folder in ("environment/business", "tests"):
        said = {TOKEN: token, 'scenario = "short"': f'scenario = "{scenario}"', "seed = 1\n": f"seed = {seed}\n"}
        _replace(task / folder / "world.toml", said)
    for path in ("environment/business/oracle.key", "solution/oracle.key"):
        (task / path).write_text(key + "\n")


def _replace(path: Path, said: dict[str, str]) -> None:
    text = path.read_text()
    for old, new in said.items():
        if text.count(old) != 1:
            raise ValueError(f"{path} does not hold {old!r} once")
        text = text.replace(old, new)
    path.write_text(text)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", type=Path, help="new folder")
    parser.add_argument("--scenario", default="short")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--single", action="store_true", help="without the compose file, for providers that run images only"
    )
    given = parser.parse_args(arguments)
    pack(given.task, given.scenario, given.seed, single=given.single)


if __name__ == "__main__":
    main()
