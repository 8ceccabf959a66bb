"""The reward of a collected run: verified from its journal, or none at all. A void or altered episode is no zero."""

import json
import math
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bus.world import load_world
from concern.verify import render, verify_run


class NoReward(Exception):
    """The run earns nothing and loses nothing: it must be dropped. The text says why."""


def reward(run: Path, asked: Mapping[str, Any]) -> dict[str, float]:
    """Flat finite numbers for Harbor. `asked` is the task's world.toml: it must be that business, no other."""
    report = verify_run(run)
    sys.stdout.write(f"{render(report)}\n")
    if not report.ok:
        raise NoReward("the record does not verify")
    if report.reward is None:
        raise NoReward(f"the episode is {report.state}")
    world = load_world(run)
    found = {"scenario": world.scenario.world.name, "seed": world.file.seed, "operator": world.file.operator}
    different = sorted(name for name, value in found.items() if value != asked[name])
    if different:
        raise NoReward(f"it is another business: {', '.join(different)} differ")
    if not (run / "seal.json").is_file():
        raise NoReward("the record is not sealed: its services were not all seen to end")
    net = report.reward / 1e6
    said = {"reward": net, "net_usd": net, "entries": float(report.entries)}
    said["isolation_full"] = float(world.file.isolation == "full")
    if not all(map(math.isfinite, said.values())):
        raise NoReward("the reward is no number")
    return said


def main(run: Path, out: Path, asked: Path) -> int:
    out.unlink(missing_ok=True)
    try:
        said = reward(run, tomllib.loads(asked.read_text()))
    except NoReward as why:
        sys.stderr.write(f"no reward: {why}\n")
        return 1
    part = out.with_suffix(".part")
    part.write_text(json.dumps(said))
    part.replace(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), Path(__file__).with_name("world.toml")))
