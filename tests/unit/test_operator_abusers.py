"""Who is blocked: those whom nobody answers, and guessers that only load the form."""

import pytest
from made_up_company import MadeUpCompany

from agents.operator.duties.abusers import gets_nothing_done, suspects
from bus.messages.cloud import FailedLogins

pytestmark = pytest.mark.anyio
GUESSER, OFFICE = "10.0.0.1", "10.0.0.2"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def line(address: str, path: str, status: int) -> str:
    return f"day 1 07:00:05 {address} GET {path} {status} 120B <10ms i_1"


GUESSES = [line(GUESSER, "/login", 200), line(GUESSER, "/static/app.css", 200), line(GUESSER, "/login", 401)] * 40
WORK = [line(OFFICE, "/projects", 200), line(OFFICE, "/login", 401)] * 40


def refused(**counts: tuple[int, int]) -> FailedLogins:
    return FailedLogins(
        address=tuple(counts),
        refused=tuple(one for one, _ in counts.values()),
        answered=tuple(other for _, other in counts.values()),
    )


def test_suspects_were_refused_often() -> None:
    found = suspects(refused(a=(30, 3), b=(29, 0), c=(100, 11)))
    assert [(one.address, one.surely) for one in found] == [("a", True), ("c", False)]


def test_a_guesser_that_loads_the_form_gets_nothing_done() -> None:
    text = "\n".join([*GUESSES, *WORK, "odd line"])
    assert gets_nothing_done(GUESSER, text)
    assert not gets_nothing_done(OFFICE, text)
    assert not gets_nothing_done("10.0.0.9", text)


async def test_each_suspect_is_looked_at_and_blocked_once() -> None:
    company = MadeUpCompany(4, access_log="\n".join([*GUESSES, *WORK]))
    company.refused = FailedLogins(address=(GUESSER, OFFICE, "10.0.0.3"), refused=(80, 60, 40), answered=(160, 60, 0))
    await company.run("reactive")
    assert company.done("firewall") == [{"block": (GUESSER,)}, {"block": ("10.0.0.3",)}]
    assert [arguments["address"] for arguments in company.done("access_log")] == [GUESSER, OFFICE]


async def test_who_was_spared_is_looked_at_again_when_it_goes_on() -> None:
    def go_on(company: MadeUpCompany) -> None:
        count = 40 * (company.hour + 1)
        company.refused = FailedLogins(address=(OFFICE,), refused=(count,), answered=(count,))

    company = await MadeUpCompany(6, each_hour=go_on, access_log="\n".join(WORK)).run("reactive")
    assert [hour for hour, tool, _ in company.calls if tool == "access_log"] == [0, 1, 3]
    assert company.done("firewall") == []
