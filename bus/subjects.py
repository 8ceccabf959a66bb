"""Every subject of the bus is built here, and only here.

Events: `<family>.<episode>.<noun>.<verb>`. Commands: `cmd.<episode>.<service>.<verb>`. Dead letters: `dead.<role>`.
"""

from functools import lru_cache
from typing import Any

from bus.ids import EpisodeId
from bus.messages.base import Command, Event


def event_subject(episode: EpisodeId, event: type[Event]) -> str:
    """`desk.ticket.opened/1` in `e_…` is said on `desk.e_….ticket.opened`."""
    family, rest = event.type_name().split("/", 1)[0].split(".", 1)
    return f"{family}.{episode}.{rest}"


def family_pattern(family: str, episode: EpisodeId) -> str:
    """All events of one family in one episode."""
    return f"{family}.{episode}.>"


def ingress_subject(subject: str) -> str:
    """Where an owner hands in an event: the broker stores `say.<subject>` as `<subject>`, then says it there.

    So what a subscriber hears is stored, stored once, and in the order of the stream.
    """
    return f"say.{subject}"


def command_subject(episode: EpisodeId, command: type[Command[Any]]) -> str:
    """`cloud.deploy/1` in `e_…` is asked on `cmd.e_….cloud.deploy`."""
    return f"cmd.{episode}.{command.type_name().split('/', 1)[0]}"


def service_pattern(episode: EpisodeId, service: str) -> str:
    """All commands to one service in one episode."""
    return f"cmd.{episode}.{service}.>"


def reward_position_subject(episode: EpisodeId) -> str:
    """Where trainers at a hub read the reward by position: a request with `{"seq": n}`, as to the stream itself."""
    return f"reward_at.{episode}"


def dead_letter_subject(role: str) -> str:
    """Where a role puts messages that it could not read."""
    return f"dead.{role}"


def family_of(subject: str) -> str:
    """The first token of a subject."""
    return subject.split(".", 1)[0]


def stream_name(family: str) -> str:
    """The JetStream stream that keeps a family: one stream, one writer."""
    return family.upper()


@lru_cache(maxsize=4096)
def matches(pattern: str, subject: str) -> bool:
    """Whether a subject matches a pattern with NATS wildcards (`*` one token, a final `>` one or more)."""
    wanted, given = pattern.split("."), subject.split(".")
    for position, token in enumerate(wanted):
        if token == ">":
            return len(given) > position
        if position >= len(given) or token not in ("*", given[position]):
            return False
    return len(wanted) == len(given)
