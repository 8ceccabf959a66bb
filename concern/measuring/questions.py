"""The questions of taste: two correct answers each, and two companies in which the other one is right.

What is expected is argued here, before anything is measured; what the money says is the report's.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """A company in which one of the answers should earn more."""

    scenario: str
    better: str
    """An option of the question."""
    days: int
    why: str


@dataclass(frozen=True)
class Question:
    """Two operators who differ in nothing else."""

    name: str
    options: tuple[str, str]
    contexts: tuple[Context, Context]

    def pair(self, context: Context) -> tuple[str, str]:
        """The operators, the worse one first, as expected in a context."""
        worse = next(one for one in self.options if one != context.better)
        return f"{self.name}/{worse}", f"{self.name}/{context.better}"


QUESTIONS: tuple[Question, ...] = (
    Question(
        "one-or-several",
        ("one", "several"),
        (
            Context("corner-shop", "one", 14, "two of three instances are paid for nothing"),
            Context("enterprise", "several", 14, "contracts pay back every outage"),
        ),
    ),
    Question(
        "few-large-or-many-small",
        ("few-large", "many-small"),
        (
            Context(
                "corner-shop", "few-large", 14, "hardly any load either way, and each instance is watched for a fee"
            ),
            Context("enterprise", "many-small", 14, "losing one of eight is not felt"),
        ),
    ),
    Question(
        "database-plan",
        ("basic", "standard"),
        (
            Context("corner-shop", "basic", 14, "writes are few"),
            Context("viral", "standard", 14, "the one writer is what growth meets first"),
        ),
    ),
    Question(
        "rate-limit",
        ("loose", "strict"),
        (
            Context("enterprise", "loose", 14, "whole offices sit behind one address, and programs sync"),
            Context("under-attack", "strict", 14, "guessers are slowed down before anybody blocks them"),
        ),
    ),
    Question(
        "capacity",
        ("ahead", "follow"),
        (
            Context("viral", "ahead", 14, "who follows is late at every peak"),
            Context("corner-shop", "follow", 14, "eight instances cost more than the customers pay"),
        ),
    ),
    Question(
        "abuse",
        ("block", "fix"),
        (
            Context("corner-shop", "block", 14, "one guesser, no reader: each deploy disturbs more than the hole"),
            Context("under-attack", "fix", 14, "a blocked address is replaced by the next, a closed hole stays closed"),
        ),
    ),
    Question(
        "order",
        ("refund-first", "repair-first"),
        (
            Context("corner-shop", "refund-first", 14, "what people wait for is their money"),
            Context("debt", "repair-first", 14, "every day with sixteen defects costs more than a late word"),
        ),
    ),
    Question(
        "release",
        ("big-bang", "gradual"),
        (
            Context("debt", "big-bang", 14, "sixteen fixes one by one take two days longer"),
            Context("enterprise", "gradual", 14, "what goes wrong is known and taken back alone"),
        ),
    ),
    Question(
        "build",
        ("quick", "lasting"),
        (
            Context("corner-shop", "quick", 14, "two small wishes, and nothing is built on them"),
            Context("enterprise", "lasting", 30, "eight wishes that stand on each other, and many people who use them"),
        ),
    ),
    Question(
        "prices",
        ("raise", "hold"),
        (
            Context("enterprise", "raise", 60, "large customers with contracts hardly leave for a fifth more"),
            Context("viral", "hold", 60, "growth lives on the price, and newcomers leave easily"),
        ),
    ),
)


def questions_named(names: Sequence[str]) -> tuple[Question, ...] | None:
    """Some questions by name, or all without any; None if one of the names is unknown."""
    known = {one.name: one for one in QUESTIONS}
    if any(name not in known for name in names):
        return None
    return tuple(known[name] for name in names) if names else QUESTIONS
