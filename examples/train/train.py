"""An external trainer: learns a policy from branches of running businesses, and compares it on seeds it never saw.

    python examples/train/train.py --minutes 18 --out train-out

It sees observations, acts by the operator's tools, and reads the reward stream; nothing else of the simulator.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from business import MACROS, Desk
from policy import Policy, interval, relative

from concern import Episode, Snapshot

HERE = Path(__file__).resolve().parent
LAB = str(HERE / "lab.toml")
NAMES = list(MACROS)
FEATURES = 11 + len(NAMES)
TRAINING_SEEDS = (1, 2, 3, 4)
HELD_OUT = (101, 102, 103, 104, 105, 106)
RATE, ENTROPY, HIDDEN = 0.03, 0.01, 24

Choose = Callable[[np.ndarray], int]


@dataclass
class Life:
    """One episode as the trainer remembers it."""

    features: list[list[float]] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    dollars: float | None = None
    """None if it was voided: it is left out of its group."""


async def live(episode: Episode, choose: Choose) -> Life:
    """Let a policy run a business until its end."""
    life, desk = Life(), Desk(episode)
    async with episode:
        while not desk.over:
            features = await desk.look()
            if desk.over:
                break
            action = choose(np.array(features))
            life.features.append(features)
            life.actions.append(action)
            await desk.act(NAMES[action])
        settled = await episode.settled()
    life.dollars = None if settled is None else settled.usd
    return life


@dataclass
class Trainer:
    runs: Path
    chance: np.random.Generator
    worlds: asyncio.Semaphore
    """As many at a time as there are processors."""
    policy: Policy
    snapshots: dict[int, Snapshot] = field(default_factory=dict)

    async def moment(self, seed: int) -> Snapshot:
        """The moment from which a seed's branches begin: its first hour, at night, with everything still open."""
        if seed not in self.snapshots:
            async with self.worlds, await Episode.start(LAB, seed=seed, runs=self.runs) as trunk:
                await trunk.step({"tool": "wait"})
                self.snapshots[seed] = await trunk.snapshot()
        return self.snapshots[seed]

    async def branch(self, snapshot: Snapshot, choose: Choose) -> Life:
        async with self.worlds:
            return await live(await Episode.branch(snapshot, runs=self.runs), choose)

    def sample(self, features: np.ndarray) -> int:
        return int(self.chance.choice(len(NAMES), p=self.policy.probabilities(features)))

    def greedy(self, features: np.ndarray) -> int:
        return int(np.argmax(self.policy.probabilities(features)))

    def anything(self, _: np.ndarray) -> int:
        return int(self.chance.integers(len(NAMES)))

    async def group(self, seed: int, size: int) -> list[float]:
        """Branches of one moment, and a step of the policy towards what did better than the others."""
        snapshot = await self.moment(seed)
        lives = await asyncio.gather(*(self.branch(snapshot, self.sample) for _ in range(size)))
        pairs = zip(lives, relative([life.dollars for life in lives]), strict=True)
        good = [(life, advantage) for life, advantage in pairs if advantage is not None and life.actions]
        if good:
            features = np.array([row for life, _ in good for row in life.features])
            actions = np.array([action for life, _ in good for action in life.actions])
            advantages = np.array([advantage for life, advantage in good for _ in life.actions])
            self.policy.climb(self.policy.gradients(features, actions, advantages, ENTROPY), RATE)
        return [life.dollars for life in lives if life.dollars is not None]

    async def held_out(self, seeds: Sequence[int], choose: Choose) -> dict[int, float | None]:
        lives = await asyncio.gather(*(self._whole(seed, choose) for seed in seeds))
        return {seed: life.dollars for seed, life in zip(seeds, lives, strict=True)}

    async def _whole(self, seed: int, choose: Choose) -> Life:
        async with self.worlds:
            return await live(await Episode.start(LAB, seed=seed, runs=self.runs), choose)

    async def scripted(self, seeds: Sequence[int], operator: str) -> dict[int, float | None]:
        """What one of the project's own operators earns; its reward stands in the run's episode.json."""

        async def earn(seed: int) -> float | None:
            root = self.runs / f"{operator}-{seed}"
            argv = [
                sys.executable,
                "-m",
                "concern",
                "run",
                str(HERE / "lab.toml"),
                "--operator",
                operator,
                "--headless",
            ]
            async with self.worlds:
                process = await asyncio.create_subprocess_exec(
                    *argv, "--seed", str(seed), "--out", str(root), stdout=subprocess.DEVNULL
                )
                await process.wait()
            reward = json.loads((root / "recorder" / "episode.json").read_bytes())["reward"]
            return None if reward is None else reward["sum"] / 1e6

        return dict(zip(seeds, await asyncio.gather(*map(earn, seeds)), strict=True))


async def train(args: argparse.Namespace) -> int:
    """Learn until time is up, then compare."""
    out: Path = args.out
    runs = out / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(args.seed)  # noqa: TID251 (a trainer's own chance, outside the simulator)
    policy = Policy.new(FEATURES, len(NAMES), HIDDEN, chance)
    trainer = Trainer(runs, chance, asyncio.Semaphore(args.worlds), policy)
    began, curve = time.monotonic(), []
    while time.monotonic() - began < args.minutes * 60 and len(curve) < args.groups:
        seed = TRAINING_SEEDS[len(curve) % len(TRAINING_SEEDS)]
        returns = await trainer.group(seed, args.size)
        curve.append({"seed": seed, "mean": float(np.mean(returns)) if returns else None, "returns": returns})
        told = f"mean ${np.mean(returns):+8.2f}  best ${max(returns):+8.2f}" if returns else "all void"
        print(f"group {len(curve):>3}  seed {seed}  {told}  after {time.monotonic() - began:4.0f} s", flush=True)
    seeds = HELD_OUT[: args.held_out]
    table = {
        "learned": await trainer.held_out(seeds, trainer.greedy),
        "random": await trainer.held_out(seeds, trainer.anything),
        "noop": await trainer.scripted(seeds, "noop"),
        "restarter": await trainer.scripted(seeds, "restarter"),
    }
    compare(table, chance)
    (out / "results.json").write_text(json.dumps({"curve": curve, "held_out": table}, indent=2))
    np.savez(out / "policy.npz", **policy.weights)
    plot(curve, out / "curve.png")
    shutil.rmtree(runs)
    return 0


def compare(table: dict[str, dict[int, float | None]], chance: np.random.Generator) -> None:
    """Held-out dollars, and the learned policy's lead in pairs of equal seed."""
    for name, earned in table.items():
        print(f"{name:<10}", "  ".join("  void  " if each is None else f"{each:+8.2f}" for each in earned.values()))
    learned = table["learned"]
    for name in [each for each in table if each != "learned"]:
        other = table[name]
        pairs = [learned[seed] - other[seed] for seed in learned if None not in (learned[seed], other[seed])]
        if pairs:
            low, high = interval(np.array(pairs), chance)
            print(f"learned - {name:<10} ${np.mean(pairs):+.2f}, 95 % [{low:+.2f}, {high:+.2f}], {len(pairs)} seeds")


def plot(curve: list[dict], path: Path) -> None:
    """The learning curve: each group's returns, and their mean, against its seed's first group."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    for seed in sorted({each["seed"] for each in curve}):
        points = [(number, each["mean"]) for number, each in enumerate(curve, 1) if each["seed"] == seed]
        axes.plot(*zip(*points, strict=True), marker="o", label=f"seed {seed}")
    axes.set_xlabel("group of branches")
    axes.set_ylabel("mean reward, dollars")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=150)


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
