"""Subjects are built in one place, and our matching of patterns is NATS's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.ids import EpisodeId
from bus.messages import COMMANDS, EVENTS
from bus.messages.clock import Ready, Tick
from bus.subjects import (
    command_subject,
    dead_letter_subject,
    event_subject,
    family_of,
    family_pattern,
    ingress_subject,
    matches,
    service_pattern,
    stream_name,
)

EPISODE = EpisodeId("e_subjectstest")


def test_subjects_follow_from_types() -> None:
    assert event_subject(EPISODE, Tick) == "clock.e_subjectstest.tick"
    assert ingress_subject(event_subject(EPISODE, Tick)) == "say.clock.e_subjectstest.tick"
    assert command_subject(EPISODE, Ready) == "cmd.e_subjectstest.world.ready"
    assert dead_letter_subject("billing") == "dead.billing"
    assert stream_name("clock") == "CLOCK"


@pytest.mark.parametrize("event", EVENTS.values(), ids=str)
def test_every_event_is_heard_by_its_family_and_said_by_nobody_else(event: type) -> None:
    subject = event_subject(EPISODE, event)
    assert family_of(subject) == event.family()
    hearing = {
        family for family in {e.family() for e in EVENTS.values()} if matches(family_pattern(family, EPISODE), subject)
    }
    assert hearing == {event.family()}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=str)
def test_every_command_goes_to_its_service(command: type) -> None:
    services = {other.service() for other in COMMANDS.values()}
    asked = {name for name in services if matches(service_pattern(EPISODE, name), command_subject(EPISODE, command))}
    assert asked == {command.service()}


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.b.c", "a.b", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("*.b", "a.b", True),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "a", True),
        ("a.*.>", "a.b", False),
        ("a.*.>", "a.b.c.d", True),
    ],
)
def test_wildcards_match_as_in_nats(pattern: str, subject: str, expected: bool) -> None:
    assert matches(pattern, subject) is expected


TOKEN = st.sampled_from(["a", "b", "cc"])


@given(
    st.lists(st.one_of(TOKEN, st.just("*")), min_size=1, max_size=5),
    st.booleans(),
    st.lists(TOKEN, min_size=1, max_size=6),
)
def test_matching_equals_its_definition_by_regular_expression(
    head: list[str], open_end: bool, given_: list[str]
) -> None:
    pattern = ".".join([*head, ">"] if open_end else head)
    meaning = r"\.".join("[^.]+" if token == "*" else token for token in head) + (r"(\.[^.]+)+" if open_end else "")
    subject = ".".join(given_)
    assert matches(pattern, subject) == bool(re.fullmatch(meaning, subject))
