"""An external trainer: learns a policy from branches of running businesses, and compares it on seeds it never saw.

    python examples/train/train.py --minutes 15 --out train-out

It sees observations, acts by the operator's tools, and reads the reward stream; nothing else of the simulator.
"""

import argparse
import asyncio
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from business import FEATURES, NAMES, Choose, live
from learning import Life, batch
from policy import Policy
from telling import compare, plot

from concern import Episode, Snapshot

HERE = Path(__file__).resolve().parent
LAB = str(HERE / "lab.toml")
TRAINING_SEEDS = (1, 2, 3, 4, 5, 6)
HELD_OUT = (101, 102, 103, 104, 105, 106, 107, 108, 109, 110)
HIDDEN, RATE, PASSES, CLIP, ENTROPY = 24, 0.02, 16, 0.3, 0.01


@dataclass
class Trainer:
    """Worlds to live in, and the policy that learns from them."""

    runs: Path
    chance: random.Random
    worlds: asyncio.Semaphore
    """As many at a time as the machine has room for."""
    policy: Policy
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    idle: dict[int, float | None] = field(default_factory=dict)
    """By seed, what its snapshot's business earns if nobody does anything."""

    async def moment(self, seed: int) -> Snapshot:
        """The moment from which a seed's branches begin: its second hour, at night, with everything still open."""
        if seed not in self.snapshots:
            async with self.worlds, await Episode.start(LAB, seed=seed, runs=self.runs) as trunk:
                await trunk.step({"tool": "wait"})
                self.snapshots[seed] = await trunk.snapshot()
                await trunk.step({"tool": "wait", "arguments": {"hours": 24}})
                settled = await trunk.settled()
                self.idle[seed] = None if settled is None else settled.usd
        return self.snapshots[seed]

    async def branch(self, snapshot: Snapshot, choose: Choose) -> Life:
        async with self.worlds:
            return await live(await Episode.branch(snapshot, runs=self.runs), choose)

    async def group(self, seed: int, size: int) -> list[Life]:
        """Branches of one moment, and a step of the policy towards what did better than the others."""
        snapshot = await self.moment(seed)
        lives = await asyncio.gather(*(self.branch(snapshot, self.policy.sample) for _ in range(size)))
        taught = batch(lives)
        if taught is not None:
            self.policy.learn(taught, passes=PASSES, clip=CLIP, entropy=ENTROPY)
        return lives

    def anything(self, _: list[float]) -> int:
        """An action by even chance."""
        return self.chance.randrange(len(NAMES))

    async def whole(self, seeds: Sequence[int], choose: Choose) -> dict[int, float | None]:
        """What a policy earns in whole lives, by seed."""

        async def earn(seed: int) -> float | None:
            async with self.worlds:
                return (await live(await Episode.start(LAB, seed=seed, runs=self.runs), choose)).dollars

        return dict(zip(seeds, await asyncio.gather(*map(earn, seeds)), strict=True))

    async def scripted(self, seeds: Sequence[int], operator: str) -> dict[int, float | None]:
        """What one of the project's own operators earns; its reward stands in the run's episode.json."""

        async def earn(seed: int) -> float | None:
            root = self.runs / f"{operator}-{seed}"
            argv = ["-m", "concern", "run", LAB, "--operator", operator, "--headless", "--seed", str(seed)]
            async with self.worlds:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, *argv, "--out", str(root), stdout=subprocess.DEVNULL
                )
                await process.wait()
            reward = json.loads((root / "recorder" / "episode.json").read_bytes())["reward"]
            return None if reward is None else reward["sum"] / 1e6

        return dict(zip(seeds, await asyncio.gather(*map(earn, seeds)), strict=True))


async def learn(trainer: Trainer, minutes: float, groups: int, size: int) -> list[dict]:
    """Learn until time is up; returns the curve, a point for each group."""
    began, curve = time.monotonic(), []
    while time.monotonic() - began < minutes * 60 and len(curve) < groups:
        seed = TRAINING_SEEDS[len(curve) % len(TRAINING_SEEDS)]
        lives = await trainer.group(seed, size)
        returns, idle = [life.dollars for life in lives if life.dollars is not None], trainer.idle[seed]
        lead = None if idle is None or not returns else statistics.fmean(returns) - idle
        seconds = time.monotonic() - began
        curve.append({"seed": seed, "idle": idle, "returns": returns, "lead": lead, "seconds": round(seconds, 1)})
        told = (
            "all void" if lead is None else f"mean ${statistics.fmean(returns):+8.2f}, ${lead:+7.2f} over doing nothing"
        )
        used = [NAMES[action] for life in lives for action in life.actions]
        often = ", ".join(f"{name} {used.count(name)}" for name in sorted(set(used), key=used.count)[:-4:-1])
        print(f"group {len(curve):>3}  seed {seed}  {told}  after {seconds:4.0f} s  ({often})", flush=True)
    return curve


async def train(args: argparse.Namespace) -> int:
    """Learn, then compare on seeds that were not learned from."""
    out: Path = args.out
    runs = (out / "runs").resolve()
    runs.mkdir(parents=True, exist_ok=True)
    chance = random.Random(args.seed)
    policy = Policy(FEATURES, len(NAMES), HIDDEN, RATE, args.seed)
    trainer = Trainer(runs, chance, asyncio.Semaphore(args.worlds), policy)
    curve = await learn(trainer, args.minutes, args.groups, args.size)
    policy.save(out / "policy.pt")
    seeds = HELD_OUT[: args.held_out]
    table = {
        "learned": await trainer.whole(seeds, policy.best),
        "random": await trainer.whole(seeds, trainer.anything),
        "noop": await trainer.scripted(seeds, "noop"),
        "restarter": await trainer.scripted(seeds, "restarter"),
    }
    leads = compare(table, chance)
    results = {"curve": curve, "held_out": table, "leads": leads}
    (out / "results.json").write_text(json.dumps(results, indent=2))
    plot(curve, leads, out / "curve.png")
    shutil.rmtree(runs)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15.0, help="of training; comparing comes on top")
    parser.add_argument("--groups", type=int, default=1000, help="at most")
    parser.add_argument("--size", type=int, default=8, help="branches in a group")
    parser.add_argument("--worlds", type=int, default=2, help="at the same time")
    parser.add_argument("--held-out", type=int, default=len(HELD_OUT), help="seeds to compare on")
    parser.add_argument("--seed", type=int, default=0, help="of the trainer's own chance")
    parser.add_argument("--out", type=Path, default=Path("train-out"))
    return asyncio.run(train(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
