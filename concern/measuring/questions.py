"""The questions of taste: two correct answers each, and two companies in which the other one is right.

What is expected is argued here, before anything is measured; what the money says is the report's.
"""

import json
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
    settings: tuple[str, ...] = ()
    """What is different from the scenario, as `--set` takes it."""
    called: str = ""
    """In tables; by default the scenario's name."""

    @property
    def name(self) -> str:
        """For people."""
        return self.called or self.scenario


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


SPOT = ("cloud.machine_days=4",)
"""Machines that the provider takes back every few days, as it does with spare capacity sold cheaply."""
HOLES = (
    "foreign-task-readable/comments-without-the-task",
    "foreign-activity-readable/project-by-address",
    "old-api-left-open/beta-without-tokens",
    "logins-not-throttled/counted-as-typed",
)
"""Through which others' work is read, and passwords are tried."""
LIGHT = ("cloud.load_scale=14",)
"""A third of the load: one instance would carry it."""
LAUNCH = (
    "users.customers=30",
    "users.panel=6",
    "users.joins_per_month=3.0",
    "cloud.load_scale=40",
    "billing.acquisition=0",
    "billing.price_notice_days=7",
)
"""Few customers yet, many who could be, and word that gets round."""

QUESTIONS: tuple[Question, ...] = (
    Question(
        "one-or-several",
        ("one", "several"),
        (
            Context("corner-shop", "one", 14, "two of three instances are paid for nothing"),
            Context(
                "enterprise",
                "several",
                14,
                "one would carry the load, and contracts pay back each of its outages",
                (*SPOT, *LIGHT),
                "enterprise, spot, light",
            ),
        ),
    ),
    Question(
        "few-large-or-many-small",
        ("few-large", "many-small"),
        (
            Context(
                "corner-shop", "few-large", 14, "hardly any load either way, and each instance is watched for a fee"
            ),
            Context(
                "enterprise",
                "many-small",
                14,
                "losing one of eight is not felt, losing half is an outage",
                (*SPOT, "cloud.load_scale=80"),
                "enterprise, spot, heavy",
            ),
        ),
    ),
    Question(
        "database-plan",
        ("basic", "standard"),
        (
            Context("corner-shop", "basic", 7, "writes are few"),
            Context(
                "enterprise",
                "standard",
                7,
                "machines are fast, so that the one writer is what is full first, and contracts count who gives up",
                ("cloud.load_scale=1000", "cloud.instance_share=1.0"),
                "enterprise, fast machines",
            ),
        ),
    ),
    Question(
        "headroom",
        ("plenty", "tight"),
        (
            Context(
                "enterprise",
                "plenty",
                14,
                "a full machine that is taken back leaves the others with more than they can do, and contracts pay it back",
                (*SPOT, "cloud.instance_hour.small=190_000"),
                "enterprise, cheap spot",
            ),
            Context(
                "corner-shop",
                "tight",
                7,
                "machines hardly fail, and an answer that takes a little longer at noon makes nobody leave",
                ("cloud.load_scale=450",),
                "corner-shop, busy",
            ),
        ),
    ),
    Question(
        "abuse",
        ("block", "fix"),
        (
            Context(
                "under-attack",
                "block",
                10,
                "a few passwords on each account are no hole that could be closed: who tries them is stopped at the door",
                (
                    "attackers.readers=0",
                    "attackers.guessers=0",
                    "attackers.sprayers=1",
                    "attackers.attempts_per_day=120.0",
                ),
                "passwords sprayed",
            ),
            Context(
                "under-attack",
                "fix",
                10,
                "who reads what belongs to others looks like a customer at the door; a closed hole stays closed",
                (f"world.only_defects={json.dumps(HOLES)}",),
                "under-attack, with holes",
            ),
        ),
    ),
    Question(
        "order",
        ("refund-first", "repair-first"),
        (
            Context(
                "corner-shop",
                "refund-first",
                14,
                "twenty people wait for their money, and then ask their banks for it",
                ("users.inherited_tickets=40",),
                "charged twice",
            ),
            Context("debt", "repair-first", 14, "every day with sixteen defects costs more than a late word"),
        ),
    ),
    Question(
        "prices",
        ("raise", "hold"),
        (
            Context(
                "enterprise",
                "raise",
                45,
                "large customers with contracts hardly leave for a fifth more",
                LIGHT,
                "enterprise, light",
            ),
            Context(
                "corner-shop",
                "hold",
                26,
                "fewer come for more, and those who do not come bring nobody",
                LAUNCH,
                "corner-shop, launch",
            ),
        ),
    ),
    Question(
        "discount",
        ("cut", "hold"),
        (
            Context(
                "corner-shop",
                "cut",
                26,
                "who comes for less brings others while word gets round",
                LAUNCH,
                "corner-shop, launch",
            ),
            Context("enterprise", "hold", 7, "nobody new comes, and everybody pays less"),
        ),
    ),
)


SAME = {"prices/hold": "discount/hold"}
"""Who does the same under another name: of a world that two questions ask for, one run is enough."""


def questions_named(names: Sequence[str]) -> tuple[Question, ...] | None:
    """Some questions by name, or all without any; None if one of the names is unknown."""
    known = {one.name: one for one in QUESTIONS}
    if any(name not in known for name in names):
        return None
    return tuple(known[name] for name in names) if names else QUESTIONS
