"""What customers write, how they read answers, and what follows from it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from agents.users.constants import PAIN_KINDS, draw_tuning
from agents.users.journeys import Failure, Visit
from agents.users.merge import Said, Section
from agents.users.population.draw import draw
from agents.users.population.names import Identity
from agents.users.products import product_named
from agents.users.support import Support
from agents.users.voices import letters, threads
from agents.users.voices.persona import Pen, Persona, Role, browser_named, persona
from agents.users.voices.reading import Promise, Reader, Reading
from agents.users.voices.rewording import Endpoint, NoModel, Rewording, keeps_facts
from agents.users.voices.sight import Sight, seen_page
from bus.chance import Chance
from bus.messages.desk import TicketMessage
from bus.messages.users import TicketAsked, TicketChecked, TicketSaid
from bus.simtime import DAY, HOUR, SimTime
from services.world.loading import load_scenario

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TRACKER = product_named("tracker")
CREATE = next(one for one in TRACKER.journeys if one.name == "create_task")
SEEN = Sight(
    when=datetime(2026, 3, 3, 9, tzinfo=UTC),
    kind="error",
    words="create a task",
    step="save the task",
    detail="status 500",
    page="/projects/…/tasks",
    item="abcdef-012345",
)


def pen(number: int = 0, **who: Any) -> Pen:
    about = {"name": "Wei Müller", "role": Role("designer", 0.6, "It matters."), "mood": "brisk", "precise": 0.9}
    return Pen(Persona(**(about | who)), Chance(number).python("test"))


def read(answer: str, topic: str = "problem", own: str = "I cannot create a task", zone: int = 0) -> Reading:
    return Reader(MONDAY, zone).read(answer, topic, own, SimTime(10 * HOUR))


@pytest.mark.parametrize(
    ("answer", "due"),
    [
        ("We will fix the problem by tomorrow.", 2 * DAY),
        ("We'll have it fixed by Friday.", 5 * DAY),
        ("The fix will be released within 6 hours.", 16 * HOUR),
        ("We are going to repair it in two days.", 10 * HOUR + 2 * DAY),
        ("It will be fixed on 2026-03-04.", 3 * DAY),
        ("It will be fixed by March 6.", 5 * DAY),
        ("We will resolve this by the end of the week.", 5 * DAY),
    ],
)
def test_a_promise_is_remembered_with_its_date(answer: str, due: int) -> None:
    found = read(answer)
    assert found.promise is not None
    assert (found.promise.due, found.promise.only_word, found.vague) == (due, False, False)


@pytest.mark.parametrize("answer", ["We see an incident right now.", "We are still investigating.", "Known incidents."])
def test_long_words_show_what_an_answer_is_about_too(answer: str) -> None:
    assert read(answer, own="it stops halfway").fits is (len(answer.split()) > 2)


def test_a_day_ends_where_the_reader_lives() -> None:
    there = read("We will fix the problem by tomorrow.", zone=9).promise
    assert there is not None
    assert there.due == 2 * DAY - 9 * HOUR


@pytest.mark.parametrize(
    ("answer", "fixed", "vague"),
    [
        ("The error is fixed now.", True, False),
        ("We have deployed a fix for the error.", True, False),
        ("It should work again.", True, False),
        ("It is not fixed yet.", False, False),
        ("I will tell you once it is fixed.", False, True),
        ("We will fix this problem soon.", False, True),
        ("I cannot say when we will fix it, the problem is noted.", False, False),
        ("Your report is noted here. I cannot name a date.", False, False),
        ("We will fix it by February 30.", False, True),
    ],
)
def test_claims_and_promises_without_a_date(answer: str, fixed: bool, vague: bool) -> None:
    found = read(answer)
    assert (found.fixed, found.vague, found.promise) == (fixed, vague, None)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("When did it happen, and which browser do you use?", ("when", "browser")),
        ("Could you send us the steps to reproduce the problem?", ("steps",)),
        ("Please tell us which task it was.", ("item",)),
        ("What is your password?", ("secret",)),
        ("Does that help? Is there anything else?", ()),
        ("If that does not answer it, please say what you want to do.", ()),
        ("We have noted your report.", ()),
    ],
)
def test_what_an_answer_asks_for(answer: str, asked: tuple[str, ...]) -> None:
    assert read(answer).asked == asked


@pytest.mark.parametrize(
    ("answer", "topic", "fits"),
    [
        ("ok", "problem", False),
        ("Buy our new premium bundle today!", "problem", False),
        ("We look into the error right now.", "problem", True),
        ("Creating tasks works for us here.", "problem", True),
        ("You find it under Account.", "question", True),
        ("Bananas are yellow and rather sweet.", "billing", False),
    ],
)
def test_an_answer_about_something_else_is_noticed(answer: str, topic: str, fits: bool) -> None:
    assert read(answer, topic).fits is fits


def test_people_tell_what_they_saw_and_nothing_else() -> None:
    exact, vague = pen(role=Role("developer", 0.9, "")), pen(role=Role("assistant", 0.2, ""), precise=0.1)
    assert "500" in threads.answer(exact, ["message"], SEEN)
    assert "500" not in threads.answer(vague, ["message"], SEEN)
    assert "/projects/…/tasks" in threads.answer(exact, ["where"], SEEN)
    assert "abcdef-012345" in threads.answer(exact, ["item"], SEEN)
    assert "Tuesday" in threads.answer(vague, ["when"], SEEN)
    for asked in ("inside", "secret"):
        told = threads.answer(vague, [asked], SEEN)  # type: ignore[list-item]
        assert not any(word in told for word in ("500", "/projects", "abcdef"))
    unseen = threads.answer(exact, ["item"], replace(SEEN, item=""))
    assert "abcdef" not in unseen
    assert threads.answer(exact, ["browser"], None).count("Firefox") == 0


def test_fears_are_told_as_they_were() -> None:
    closed = replace(SEEN, kind="foreign_item", detail="the old session is still good", item="")
    told = [letters.security(pen(number), closed) for number in range(20)]
    assert all("another company" not in f"{one.subject} {one.body}" for one in told)
    assert all("the old session is still good" in one.body for one in told)
    foreign = replace(SEEN, kind="foreign_item", detail="there is something of another company")
    assert "another company" in letters.security(pen(), foreign).body


def test_the_grammar_has_many_ways_and_repeats_none_in_a_thread() -> None:
    bodies = {letters.problem(pen(number), SEEN).body for number in range(60)}
    assert len(bodies) > 55
    one = pen(mood="cross")
    said = [threads.still_wrong(one, times, None, None, None).split("\n")[0] for times in range(1, 9)]
    assert len({each.split(".")[0] for each in said}) == len(said)
    again = Pen(one.who, Chance(0).python("test"))
    assert threads.still_wrong(again, 1, None, None, None).split("\n")[0] == said[0]


@pytest.mark.parametrize("name", ["Lucía Müller", "山田 太郎", "Игорь Ёлкин", "علي حسن", "Siobhán O'Neill"])
def test_names_in_every_script_stay_as_they_are(name: str) -> None:
    warm = pen(mood="warm", name=name)
    assert name.split(maxsplit=1)[0] in letters.question(warm, ("How?", "How"), wish=False).body
    assert name in threads.answer(
        pen(3, name=name), ["account"], None
    ) or "account that I write from" in threads.answer(pen(3, name=name), ["account"], None)
    assert letters.double_charge(pen(mood="cross", name=name), draw(load_scenario("short"), Chance(1)).customers.price[0])  # fmt: skip


def test_false_words_are_held_against_those_who_wrote_them() -> None:
    fixed = read("The error is fixed now.")
    assert "fix" in threads.still_wrong(pen(), 1, None, fixed, None).lower()
    late = threads.still_wrong(pen(), 1, None, fixed, Promise("Friday", SimTime(0)))
    assert '"Friday"' in late


def test_personas_are_always_the_same() -> None:
    chance = Chance(4)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
    first, second = (persona("cu_a", "Mei Lin", agent, chance) for _ in range(2))
    assert first == second
    assert first.browser == "Firefox on Linux"
    assert browser_named("curl/8") == ""
    assert pen(mood="warm").who.after(4).mood == "cross"
    assert seen_page("GET /tasks/…?q=a") == "/tasks/…"
    assert seen_page("MAIL Welcome") == ""


def support(scenario_name: str = "short", **users: object) -> Support:
    scenario, chance = load_scenario(scenario_name, overrides={"users": users}), Chance(1)
    return Support(scenario, draw(scenario, chance), draw_tuning(chance), chance, TRACKER, lambda row: TRACKER.wishes)


def complained(desk: Support, row: int = 0) -> str:
    broken = Failure("error", "save the task", "POST /projects/x/tasks", "500", "status 500", None)
    (asked,) = desk.complain(row, CREATE, "error", broken, SimTime(9 * HOUR))
    assert isinstance(asked, TicketAsked)
    return asked.ticket


def company(desk: Support, ticket: str, body: str, hour: int) -> None:
    told = TicketMessage(ticket=ticket, customer="c", author="company", body=body)
    desk.hear(told, SimTime(hour * HOUR))


def pain(desk: Support, kind: str, row: int = 0) -> float:
    return float(desk.population.customers.pain[row, PAIN_KINDS.index(kind)])  # type: ignore[arg-type]


def test_nobody_asks_again_what_they_have_asked_until_there_is_nothing_else() -> None:
    desk, row = support(tickets_per_customer_month=1.0), np.array([0])
    everything = {subject for _, subject in (*TRACKER.asks, *TRACKER.wishes)}
    subjects: list[str] = []
    for day in range(4_000):
        asked = desk.ordinary(row, np.uint64(day), SimTime(day * DAY))
        subjects += [one.subject for one in asked if isinstance(one, TicketAsked) and one.subject in everything]
    assert len(subjects) > len(everything)
    first = subjects[: len(TRACKER.asks)]
    assert len(set(first)) == len(first)


def test_a_team_waits_for_an_answer_and_not_the_whole_company() -> None:
    """In `enterprise` a ticket concerns a dozen people at most; elsewhere everybody."""
    waited: dict[int | None, float] = {}
    for people in (None, 12, 1):
        desk = support("enterprise", ticket_people=people)
        complained(desk)
        desk.go_on(SimTime(33 * HOUR))
        waited[people] = pain(desk, "waiting")
    seats = int(support("enterprise").population.customers.seats[0])
    assert waited[1] > 0
    assert waited[12] == pytest.approx(min(12, seats) * waited[1], rel=0.01)
    assert waited[None] == pytest.approx(seats * waited[1], rel=0.01)


def test_an_answer_about_something_else_is_no_answer() -> None:
    desk = support()
    ident = complained(desk)
    company(desk, ident, "ok", 10)
    (objection,) = desk.go_on(SimTime(11 * HOUR))
    assert isinstance(objection, TicketSaid)
    assert desk.book.open[ident].waiting_since == 9 * HOUR
    assert desk.go_on(SimTime(12 * HOUR)) == []
    for hour in (13, 15):  # the second is sent back as well, the third is taken
        company(desk, ident, "ok", hour)
        desk.go_on(SimTime((hour + 1) * HOUR))
    assert desk.book.open[ident].waiting_since is None


def test_a_question_of_the_company_is_answered_once_and_then_it_is_its_turn() -> None:
    desk = support()
    ident = complained(desk)
    company(desk, ident, "Sorry for the error. When did it happen?", 10)
    (told,) = desk.go_on(SimTime(11 * HOUR))
    assert isinstance(told, TicketSaid)
    assert "Monday" in told.body
    assert desk.book.open[ident].waiting_since == 11 * HOUR
    assert desk.go_on(SimTime(12 * HOUR)) == []


def test_fixed_makes_people_look_at_once_and_hurts_if_it_is_not() -> None:
    desk = support()
    ident = complained(desk)
    company(desk, ident, "The error is fixed now.", 10)
    (ticket,) = desk.looking(SimTime(11 * HOUR))
    (checked,) = desk.looked(ticket, works=False, now=SimTime(11 * HOUR))
    assert isinstance(checked, TicketChecked)
    assert not checked.solved
    assert pain(desk, "broken_promise") > 0
    assert desk.looking(SimTime(12 * HOUR)) == []
    company(desk, ident, "Sorry, the error is fixed now, really.", 13)
    (ticket,) = desk.looking(SimTime(14 * HOUR))
    (solved,) = desk.looked(ticket, works=True, now=SimTime(14 * HOUR))
    assert isinstance(solved, TicketChecked)
    assert solved.solved


def test_an_honest_answer_makes_nobody_look_and_hurts_nobody() -> None:
    desk = support()
    ident = complained(desk)
    company(desk, ident, "Thank you, the error is noted. I cannot name a date.", 10)
    assert desk.looking(SimTime(11 * HOUR)) == []
    (ticket,) = desk.looking(SimTime(9 * HOUR + DAY * 2))
    desk.looked(ticket, works=False, now=SimTime(9 * HOUR + DAY * 2))
    assert pain(desk, "broken_promise") == 0


def test_a_date_that_passes_is_a_broken_promise_and_one_that_is_kept_is_not() -> None:
    for works in (False, True):
        desk = support()
        ident = complained(desk)
        company(desk, ident, "We will fix the error by tomorrow.", 10)
        due = desk.book.open[ident].promise
        assert due is not None
        (ticket,) = desk.looking(due.due)
        (checked,) = desk.looked(ticket, works, due.due)
        assert isinstance(checked, TicketChecked)
        assert checked.solved is works
        assert ('"tomorrow"' in checked.body) is not works
        assert (pain(desk, "broken_promise") > 0) is not works


def test_who_promises_only_a_word_owes_it() -> None:
    for kept in (False, True):
        desk = support()
        asked = desk._question(0, SimTime(9 * HOUR), ("at", 9))
        company(desk, asked.ticket, "Good question. I will get back to you within 5 hours.", 10)
        assert desk.go_on(SimTime(11 * HOUR)) == []
        if kept:
            company(desk, asked.ticket, "You find it in the menu under Account.", 12)
        said = [event for hour in range(13, 17) for event in desk.go_on(SimTime(hour * HOUR))]
        assert [type(one) for one in said] == [TicketChecked if kept else TicketSaid]
        assert (pain(desk, "broken_promise") > 0) is not kept


def test_a_promise_without_a_date_is_asked_back_once_and_costs_nothing() -> None:
    desk = support()
    insisting = next(row for row in range(40) if desk.writers.pen(_ticket(desk, row)).who.insists)
    ident = complained(desk, insisting)
    company(desk, ident, "We will fix this error soon.", 10)
    (said,) = desk.go_on(SimTime(11 * HOUR))
    assert isinstance(said, TicketSaid)
    company(desk, ident, "We will fix this error soon.", 12)
    assert desk.go_on(SimTime(13 * HOUR)) == []
    assert desk.book.open[ident].waiting_since is None


def _ticket(desk: Support, row: int) -> Any:
    from agents.users.tickets import Ticket

    return Ticket(f"t{row}", row, "problem", SimTime(0))


def test_guests_come_at_the_moment_of_the_session() -> None:
    scenario, chance = load_scenario("short"), Chance(1)
    population = draw(scenario, chance)
    row = int(np.flatnonzero(population.customers.panel)[0])
    account = TRACKER.account(scenario.world.start, population, row, chance)
    here: Any = {"door": None, "host": "", "tags": (), "post": None, "received": None}
    visit = Visit(
        account=account, person=account.people[0], at=SimTime(0), now=MONDAY, chance=chance.python("x"), **here
    )
    visit.person.visitor.at = SimTime(5 * DAY)
    guest = visit.guest(Identity("Mei Lin", "m@x.example", "p", "curl/8", "en"))
    assert guest.visitor.at == 5 * DAY
    assert int(guest.visitor.moment()) > 5 * DAY
    assert guest.visitor.jar == {}


def said(body: str) -> Said:
    return Said(Section.ASKED, 0, TicketSaid(agent="a", customer="c", ticket="t", body=body), "m-1")


@dataclass
class MadeUpModel:
    reword: Any

    async def close(self) -> None:
        self.reword = None


def rewording(reword: Any) -> Rewording:
    return Rewording(MadeUpModel(reword), structlog.get_logger())


@pytest.mark.anyio
async def test_a_rewording_changes_bodies_and_nothing_else() -> None:
    async def other(text: str) -> str:
        return f"In other words: {text}"

    checked = TicketChecked(agent="a", customer="c", ticket="t", solved=True, body="")
    before = [said("It costs $12.50 too much.\nMei"), Said(Section.LOOKED, 0, checked)]
    after = await rewording(other).of(before)
    assert after[0].event == before[0].event.model_copy(
        update={"body": "In other words: It costs $12.50 too much.\nMei"}
    )
    assert (after[0].section, after[0].cause) == (Section.ASKED, "m-1")
    assert after[1] == before[1]


@pytest.mark.anyio
async def test_what_a_model_gets_wrong_stays_as_it_was_written() -> None:
    asked = 0

    async def down(text: str) -> str:
        nonlocal asked
        asked += 1
        raise NoModel("the endpoint is down")

    async def forgets(text: str) -> str:
        return "Something costs money.\nMei"

    words = said("It costs $12.50 too much.\nMei")
    assert await rewording(forgets).of([words]) == [words]
    broken = rewording(down)
    for _ in range(6):
        assert await broken.of([words]) == [words]
    assert asked == 3
    assert not keeps_facts("Short.\nMei", "Long " * 200 + "\nMei")
    assert not keeps_facts("Short.\nMei", "")
    with pytest.raises(NoModel, match="OPENAI_BASE_URL"):
        Endpoint(None, "m")


def test_a_model_without_a_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoModel):
        Endpoint("http://127.0.0.1:9/v1", "m")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_an_endpoint_is_asked_for_other_words_and_left_in_peace_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    asked: list[Any] = []

    async def complete(request: web.Request) -> web.Response:
        asked.append(await request.json())
        if len(asked) > 1:
            return web.json_response({"error": {"message": "no"}}, status=400)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello you"}}
        about = {"id": "c", "object": "chat.completion", "created": 0, "model": "m"}
        return web.json_response(about | {"choices": [choice]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    async with TestServer(app) as server:
        model = Endpoint(str(server.make_url("/v1")), "m")
        assert await model.reword("Hello") == "Hello you"
        with pytest.raises(NoModel, match="BadRequest"):
            await model.reword("Hello")
        await model.close()
    assert asked[0]["model"] == "m"
    assert asked[0]["messages"][-1] == {"role": "user", "content": "Hello"}
