"""`concern maintain`: one chain of requests, built by quick variants or by those that last, on the same worlds.

Each answers the same contract and passes the same tests. What they differ in shows while customers use them and while the next
request is built on them; what reading and changing the code costs its owner is not in it, since a scripted operator deploys a
large patch as fast as a small one. The lines of each variant are told beside the money.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from bus.money import Micros
from catalog.builds import Manner, builds_for
from catalog.patches import hunks
from concern.measuring.gathering import Batch, earned, gather
from concern.measuring.standings import Standings, aligned, table
from concern.measuring.trials import Result, Trial, told_seeds

QUICK, LASTING = "build/quick", "build/lasting"
ENOUGH = 0.20
"""Share of the money by which the two must differ (ECONOMY.md, section 3)."""


@dataclass(frozen=True)
class Upkeep:
    """What the command line asks for."""

    scenario: str
    product: str
    wishes: tuple[str, ...]
    """The chain, predecessors first."""
    seeds: range
    days: int
    batch: Batch
    report: Path | None

    @property
    def title(self) -> str:
        return f"{self.scenario}, {self.days} days, {told_seeds(self.seeds)}: {', then '.join(self.wishes)}"

    def trials(self) -> list[Trial]:
        """Every world once."""
        wishes = (f"users.wishes={list(self.wishes)}",)
        return [Trial(self.scenario, one, seed, self.days, wishes) for seed in self.seeds for one in (QUICK, LASTING)]


@dataclass(frozen=True)
class Finding:
    """What the money says."""

    standings: Standings

    @property
    def share(self) -> float | None:
        """How much more building to last earns, as a share of what building quickly earns; None without a whole pair."""
        if not self.standings.seeds:
            return None
        quick = self.standings.of(QUICK)
        mean = abs(sum(quick) / len(quick))
        return self.standings.step(QUICK, LASTING).mean / mean if mean else None

    @property
    def enough(self) -> bool:
        """Whether that is a fifth, as surely as the seeds can tell."""
        return self.standings.ordered and self.share is not None and self.share >= ENOUGH

    def text(self) -> str:
        """For people."""
        share = "not known" if self.share is None else f"{self.share:+.1%} of what building quickly earns"
        asked = "enough" if self.enough else "NOT enough"
        return (
            f"{table(self.standings)}\n\nBuilding to last: {share}; {ENOUGH:.0%} and an interval above zero: {asked}."
        )


def keep_up(asked: Upkeep) -> int:
    """Run everything and print what came of it; returns 0 if building to last earns enough more, else 1."""
    typer.echo(asked.title)
    lines = "\n".join(built(asked))
    typer.echo(lines)
    results = gather(asked.trials(), asked.batch, _line)
    found = finding({(each.trial.seed, each.trial.operator): each.reward for each in results})
    typer.echo(found.text())
    if asked.report is not None:
        asked.report.mkdir(parents=True, exist_ok=True)
        text = f"# {asked.title}\n\n{lines}\n\n{found.text()}\n"
        (asked.report / "maintain.md").write_text(text, encoding="utf-8")
    return 0 if found.enough else 1


def built(asked: Upkeep) -> list[str]:
    """What either of them builds, as a table: lines that each patch puts in or takes out."""
    manners: tuple[Manner, Manner] = ("quick", "clean")
    lines = [
        {
            fix.defect: sum(len(hunk.changed) for hunk in hunks(fix.patch))
            for fix in builds_for(asked.product, asked.wishes, one)
        }
        for one in manners
    ]
    rows = [("lines changed", "quick", "lasting")]
    rows += [(name, *(str(each.get(name, "-")) for each in lines)) for name in asked.wishes]
    return aligned(rows)


def finding(rewards: Mapping[tuple[int, str], Micros | None]) -> Finding:
    """From rewards by seed and operator."""
    return Finding(Standings((QUICK, LASTING), rewards))


def _line(result: Result) -> str:
    return f"seed {result.trial.seed:>3}  {result.trial.operator:<14} {earned(result):>14}"
