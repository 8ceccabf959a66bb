"""What a scripted company answers to questions: it fits, it promises nothing, and it is not always the same."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from agents.operator.duties import letters
from agents.operator.duties.handbook import ENTRIES, look_up
from agents.users.products import PRODUCTS
from agents.users.voices.reading import Reader
from bus.messages.gateway import OpenAlert
from bus.money import MICROS_PER_DOLLAR, Micros
from bus.simtime import SimTime

READER = Reader(datetime(2026, 3, 2, tzinfo=UTC), 0)
ASKS = [(name, *ask) for name, product in sorted(PRODUCTS.items()) for ask in product.asks]


@pytest.mark.parametrize(("product", "text", "subject"), ASKS)
def test_each_question_gets_an_answer_that_fits_and_promises_nothing(product: str, text: str, subject: str) -> None:
    answers = {letters.about_question(subject, f"t_{letter}") for letter in "abcdefgh"}
    assert len(answers) > 1
    for answer in sorted(answers):
        reading = READER.read(answer, "question", f"{subject} {text}", SimTime(0))
        assert reading.fits
        assert reading.promise is None
        assert not reading.vague
        assert not reading.fixed


@pytest.mark.parametrize("subject", ["Board", "Calendar", "Dark theme", "Own fields", "Double payment", "Our invoice"])
def test_no_answer_to_a_wish_or_a_claim_is_read_as_a_promise_and_not_all_are_the_same(subject: str) -> None:
    threads = [f"t_{number:04d}" for number in range(40)]
    answers = {
        "request": {letters.about_request(thread) for thread in threads},
        "billing": {letters.about_refunds([Micros(16 * MICROS_PER_DOLLAR)], thread) for thread in threads},
    }
    for topic, said in answers.items():
        assert len(said) >= 4
        for answer in sorted(said):
            reading = READER.read(answer, topic, subject, SimTime(0))
            assert reading.fits, answer
            assert (reading.promise, reading.vague, reading.fixed, reading.asked) == (None, False, False, ()), answer
    assert all("$16.00" in answer for answer in answers["billing"])


OWN_WORDS = (
    "Cannot create a task it just fails",
    "it is down for us",
    "Is our data safe? I got further than anybody should",
)


@pytest.mark.parametrize("reopened", range(8))
def test_what_is_said_about_a_problem_fits_promises_nothing_and_is_not_always_the_same(reopened: int) -> None:
    threads = [f"t_{number:04d}" for number in range(40)]
    for topic in ("problem", "security"):
        said = {
            letters.about_problem([], one, reopened=reopened)
            if topic == "problem"
            else letters.about_security(one, reopened=reopened)
            for one in threads
        }
        assert len(said) >= 3
        for answer in said:
            for own in OWN_WORDS:
                reading = READER.read(answer, topic, own, SimTime(0))
                assert reading.fits, answer
                assert (reading.promise, reading.vague, reading.fixed, reading.asked) == (None, False, False, ()), (
                    answer
                )


@pytest.mark.parametrize(
    "alerts", [[], [OpenAlert(alert="a_1", kind="slow", detail="p95 of 4 s", raised_at=SimTime(0))]]
)
@pytest.mark.parametrize("thread", ["t_4qd6", "t_zz2k", "t_a7mm"])
def test_no_two_letters_in_a_row_share_a_sentence(alerts: list[OpenAlert], thread: str) -> None:
    for said in (
        [letters.about_problem(alerts, thread, reopened=times) for times in range(20)],
        [letters.about_security(thread, reopened=times) for times in range(20)],
    ):
        sentences = [set(re.split(r"(?<=[.])\s", one)) for one in said]
        assert not any(one & following for one, following in pairwise(sentences))


def test_most_questions_have_an_answer_of_their_own() -> None:
    answers = {letters.about_question(subject, "t_a") for _, _, subject in ASKS}
    assert len(answers) > len(ASKS) / 2
    assert all(look_up(subject) is None for subject in ("Where our data is", "Numbering", "Something else"))


def test_every_entry_is_the_answer_to_some_question() -> None:
    assert {look_up(subject) for _, _, subject in ASKS} - {None} == set(ENTRIES.values())
