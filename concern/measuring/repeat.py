"""`concern repeat`: the same seed again, in other processes, with other hashes, in shards: always the same ledger?"""

from collections.abc import Mapping
from dataclasses import dataclass

import typer

from concern.measuring.gathering import Batch, gather
from concern.measuring.standings import aligned
from concern.measuring.trials import Result, Trial, told_seeds

HASH_SEEDS = (0, 7)
"""Two orders in which Python goes through sets of texts."""


@dataclass(frozen=True)
class Repetition:
    """What the command line asks for."""

    scenario: str
    operator: str
    seeds: range
    days: int | None
    shards: tuple[int, ...]
    times: int
    batch: Batch

    def trials(self) -> list[tuple[int, Trial]]:
        """Every world, with the number of its repetition."""
        return [
            (turn, Trial(self.scenario, self.operator, seed, self.days, shards=shards, hash_seed=hashes))
            for seed in self.seeds
            for shards in self.shards
            for hashes in HASH_SEEDS
            for turn in range(1, self.times + 1)
        ]


def repeat(asked: Repetition) -> int:
    """Run everything and print the ledgers; returns 0 if there is one for each seed, else 1."""
    trials = [trial for _, trial in asked.trials()]
    typer.echo(
        f"{asked.scenario}, {asked.operator}, {told_seeds(asked.seeds)}, {asked.times} times with "
        f"{len(HASH_SEEDS)} hash seeds in {' and '.join(map(str, asked.shards))} shards: {len(trials)} worlds"
    )
    results = gather(trials, asked.batch, _line)
    ledgers = {
        seed: sorted(each.ledger or "voided" for each in results if each.trial.seed == seed) for seed in asked.seeds
    }
    typer.echo("\n".join(told(ledgers)))
    return 0 if all(same(each) for each in ledgers.values()) else 1


def same(ledgers: list[str]) -> bool:
    """Whether all are one, and none was voided."""
    return len(set(ledgers)) == 1 and "voided" not in ledgers


def told(ledgers: Mapping[int, list[str]]) -> list[str]:
    """A table with a row for each ledger of each seed, and what it says."""
    rows = [("seed", "ledger", "worlds")]
    for seed, found in ledgers.items():
        rows += [(str(seed), each, str(found.count(each))) for each in sorted(set(found))]
    alike = sum(map(same, ledgers.values()))
    return [*aligned(rows), "", f"{alike} of {len(ledgers)} seeds have one ledger in all worlds."]


def _line(result: Result) -> str:
    trial = result.trial
    return f"seed {trial.seed:>3}  {trial.shards} shards  hash seed {trial.hash_seed}  {result.ledger or 'voided'}"
