"""`concern taste`: pairs of correct decisions on the same worlds, each in two companies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from bus.money import Micros
from concern.measuring.gathering import Batch, earned, gather
from concern.measuring.questions import SAME, Context, Question
from concern.measuring.standings import Standings, aligned, in_dollars
from concern.measuring.trials import Result, Trial, told_seeds

ENOUGH = 0.75
"""Of the questions, the share that must be ordered as expected in both contexts."""


@dataclass(frozen=True)
class Tasting:
    """What the command line asks for."""

    questions: tuple[Question, ...]
    seeds: range
    days: int | None
    batch: Batch
    report: Path | None

    def trials(self) -> list[Trial]:
        """Every world once, in a fixed order, the seeds outermost."""
        return list(self.contexts())

    def contexts(self) -> dict[Trial, str]:
        """What the company of each world is called."""
        every = [(context, question) for question in self.questions for context in question.contexts]
        return {
            self.trial(context, operator, seed): context.name
            for seed in self.seeds
            for context, question in every
            for operator in question.pair(context)
        }

    def trial(self, context: Context, operator: str, seed: int) -> Trial:
        """One world of a context."""
        return Trial(context.scenario, SAME.get(operator, operator), seed, self.days or context.days, context.settings)


@dataclass(frozen=True)
class Verdict:
    """One question in one context."""

    question: Question
    context: Context
    standings: Standings

    @property
    def ordered(self) -> bool:
        """Whether the option that was expected to earn more does, as surely as the seeds can tell."""
        return self.standings.ordered

    def row(self) -> tuple[str, ...]:
        """For the table."""
        worse, better = self.standings.operators
        told = (f"{self.question.name}: {better.split('/')[1]} over {worse.split('/')[1]}", self.context.name)
        if not self.standings.seeds:
            return (*told, "voided", "-", "no")
        gap = self.standings.step(worse, better)
        single = len(self.standings.seeds) == 1
        span = "one seed only" if single else f"{in_dollars(gap.low)} to {in_dollars(gap.high)}"
        against = "no, the other way round" if -gap.high > 0 else "no"
        return (*told, in_dollars(gap.mean), span, "yes" if self.ordered else against)


def savour(asked: Tasting) -> int:
    """Run everything and print the table; returns 0 if enough questions are ordered both ways round, else 1."""
    trials = asked.trials()
    typer.echo(
        f"{len(asked.questions)} questions in two contexts each, {told_seeds(asked.seeds)}: {len(trials)} worlds"
    )
    names = asked.contexts()
    results = gather(trials, asked.batch, lambda result: _line(result, names[result.trial]))
    found = verdicts(asked, {result.trial: result.reward for result in results})
    told = table(found)
    typer.echo(told)
    if asked.report is not None:
        asked.report.mkdir(parents=True, exist_ok=True)
        reasons = "\n".join(f"- {one.question.name} in {one.context.name}: {one.context.why}." for one in found)
        text = f"# Taste, {told_seeds(asked.seeds)}\n\n{told}\n\nWhat was expected, and why:\n\n{reasons}\n"
        (asked.report / "taste.md").write_text(text, encoding="utf-8")
    return 0 if len(both_ways(found)) >= ENOUGH * len(asked.questions) else 1


def verdicts(asked: Tasting, rewards: Mapping[Trial, Micros | None]) -> list[Verdict]:
    """What the money says of every question in every context."""
    found: list[Verdict] = []
    for question in asked.questions:
        for context in question.contexts:
            pair = question.pair(context)
            of_pair = {
                (seed, operator): rewards[asked.trial(context, operator, seed)]
                for seed in asked.seeds
                for operator in pair
            }
            found.append(Verdict(question, context, Standings(pair, of_pair)))
    return found


def both_ways(found: Sequence[Verdict]) -> list[str]:
    """Questions that are ordered as expected in each of their contexts."""
    names = dict.fromkeys(one.question.name for one in found)
    return [name for name in names if all(one.ordered for one in found if one.question.name == name)]


def table(found: Sequence[Verdict]) -> str:
    """Everything as a table in Markdown, with those that are not ordered."""
    head = ("what was expected", "context", "paired gap", "95 % interval", "ordered")
    names = list(dict.fromkeys(one.question.name for one in found))
    held = both_ways(found)
    lines = [*aligned([head, *(one.row() for one in found)]), ""]
    lines.append(
        f"{len(held)} of {len(names)} questions are ordered as expected, both ways round: {', '.join(held) or 'none'}."
    )
    return "\n".join(lines)


def _line(result: Result, context: str) -> str:
    trial = result.trial
    return f"seed {trial.seed:>3}  {context:<28} {trial.operator:<34} {earned(result):>14}"
