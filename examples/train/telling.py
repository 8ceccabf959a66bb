"""What came of a training: the table on held-out seeds, and the plot."""

import random
import statistics
from pathlib import Path

from learning import interval

Table = dict[str, dict[int, float | None]]


def compare(table: Table, chance: random.Random) -> dict[str, dict[str, float]]:
    """Print held-out dollars; print and return the learned policy's leads, in pairs of equal seed, void ones left out."""
    for name, earned in table.items():
        print(f"{name:<10}", "  ".join("  void  " if each is None else f"{each:+8.2f}" for each in earned.values()))
    leads: dict[str, dict[str, float]] = {}
    for name, earned in table.items():
        pairs = [(mine, earned[seed]) for seed, mine in table["learned"].items()]
        differences = [mine - theirs for mine, theirs in pairs if mine is not None and theirs is not None]
        if name == "learned" or not differences:
            continue
        low, high = interval(differences, chance)
        mean = statistics.fmean(differences)
        leads[name] = {"mean": mean, "low": low, "high": high, "seeds": len(differences)}
        print(f"learned - {name:<10} ${mean:+.2f}, 95 % [{low:+.2f}, {high:+.2f}], {len(differences)} seeds")
    return leads


def plot(curve: list[dict], leads: dict[str, dict[str, float]], path: Path) -> None:
    """The learning curve in training, and the leads on held-out seeds."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), width_ratios=(2, 1))
    points = [(number, each) for number, each in enumerate(curve, 1) if each["lead"] is not None]
    for number, each in points:
        branches = [dollars - each["idle"] for dollars in each["returns"]]
        left.plot([number] * len(branches), branches, ".", color="0.7")
    left.plot(
        [number for number, _ in points], [each["lead"] for _, each in points], marker="o", label="mean of a group"
    )
    left.axhline(0.0, color="0.3", linewidth=0.8, label="doing nothing, same snapshot")
    left.set(xlabel="group of branches", ylabel="dollars over doing nothing", title="training (grey: each branch)")
    left.legend(loc="lower right")
    names = list(leads)
    means = [leads[name]["mean"] for name in names]
    reach = [[leads[name]["mean"] - leads[name]["low"] for name in names],
             [leads[name]["high"] - leads[name]["mean"] for name in names]]  # fmt: skip
    right.errorbar(names, means, yerr=reach, fmt="o", capsize=5)
    right.axhline(0.0, color="0.3", linewidth=0.8)
    right.set(ylabel="dollars, learned minus other", title="held-out seeds, 95 % intervals")
    right.margins(x=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
