"""The desk on a bus: what customers write comes to the inbox, and what the company writes goes out."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from scripted_world import make_world, player

from bus.messages.base import Done, Refused
from bus.messages.desk import (
    Announce,
    Announced,
    Inbox,
    InboxPage,
    PostStatus,
    ReadTicket,
    Reply,
    StatusPosted,
    TicketMessage,
    TicketOpened,
    TicketThread,
)
from bus.messages.users import CustomersInherited, LoadOffered, TicketAsked, TicketChecked, TicketSaid
from bus.money import Micros
from bus.simtime import HOUR, SimTime
from services.desk.service import service

pytestmark = pytest.mark.anyio

USERS = player("users", publishes=(CustomersInherited, TicketAsked, TicketSaid, TicketChecked))
GATEWAY = player("gateway", asks=(Inbox, ReadTicket, Reply, PostStatus, Announce))
ASKED = TicketAsked(
    agent="u1", customer="c_1", ticket="t_1", topic="billing", subject="Charged", body="Twice.", at=SimTime(-HOUR)
)
CAME = CustomersInherited(
    agent="u1",
    customer=("c_1",),
    name=("Acme",),
    segment=("solo",),
    plan=("starter",),
    seats=(1,),
    paid_from=(SimTime(0),),
    wallet=(Micros(1),),
    income=(Micros(1),),
)


async def test_what_is_not_for_the_desk_leaves_no_trace(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    users = player("users", publishes=(LoadOffered, TicketAsked))
    async with world.running(service), world.role(users) as ctx:
        await ctx.say(LoadOffered(tick=0, requests={"read": 1}))
        await ctx.say(ASKED)
        await world.stage("desk", 0, 4, "settle")
    with closing(sqlite3.connect(tmp_path / "desk" / "desk.db")) as database:
        assert database.execute("SELECT message FROM processed").fetchall() == [("users-2",)]


async def test_a_conversation(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(USERS) as users, world.role(GATEWAY) as gateway:
        await users.say(CAME)
        asked = await users.say(ASKED)
        await world.stage("desk", 0, 4, "settle")
        page = await gateway.ask(Inbox())
        assert isinstance(page, InboxPage)
        assert [(one.ticket, one.customer_name, one.state) for one in page.tickets] == [("t_1", "Acme", "open")]

        gateway.now = SimTime(HOUR // 2)
        thread = await gateway.ask(Reply(ticket="t_1", body="We sent it back.", action="a_7"))
        assert isinstance(thread, TicketThread)
        assert (thread.summary.state, thread.thread[-1].at) == ("answered", HOUR // 2)

        await users.say(TicketChecked(agent="u1", customer="c_1", ticket="t_1", solved=True, body="Thank you."))
        await world.stage("desk", 1, 4, "settle")
        thread = await gateway.ask(ReadTicket(ticket="t_1"))
        assert isinstance(thread, TicketThread)
        assert [note.author for note in thread.thread] == ["customer", "company", "customer"]
        assert thread.summary.state == "solved"
    told = world.delivered("desk")
    assert [type(one.event).__name__ for one in told] == [
        "TicketOpened",
        "TicketMessage",
        "TicketMessage",
        "TicketClosed",
    ]
    assert [one.envelope.cause_id for one in told[:2]] == [asked.id, "a_7"]
    with sqlite3.connect(tmp_path / "desk" / "desk.db") as record:
        assert record.execute("select state, reopened from tickets").fetchall() == [("solved", 0)]
        assert record.execute("select count(*) from notes").fetchone() == (3,)
        assert record.execute("select count(*) from outbox where seq is null").fetchone() == (0,)
    record.close()


async def test_messages_that_fit_no_ticket_change_nothing(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(USERS) as users, world.role(GATEWAY) as gateway:
        await users.say(TicketSaid(agent="u1", customer="c_1", ticket="t_9", body="Hello?"))
        await users.say(ASKED)
        await users.say(ASKED)
        await users.say(TicketSaid(agent="u1", customer="c_2", ticket="t_1", body="Refund me instead."))
        await world.stage("desk", 0, 4, "settle")
        thread = await gateway.ask(ReadTicket(ticket="t_1"))
        assert isinstance(thread, TicketThread)
        assert thread.summary.messages == 1
    assert [type(event) for event in world.said("desk")] == [TicketOpened]


async def test_refusals_say_what_to_do(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(GATEWAY) as gateway:
        answers = [
            await gateway.ask(ReadTicket(ticket="t_9")),
            await gateway.ask(Reply(ticket="t_9", body="Hello")),
            await gateway.ask(Reply(ticket="t_9", body=" \0 ")),
            await gateway.ask(Reply(ticket="t_9", body="x" * 8_001)),
            await gateway.ask(Inbox(limit=0)),
            await gateway.ask(PostStatus(state="resolved", title="", body="All well")),
            await gateway.ask(Announce(subject="x" * 201, body="News")),
        ]
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert codes == ["no_ticket", "no_ticket", "empty", "too_long", "bad_limit", "empty", "too_long"]
    assert world.said("desk") == []


async def test_public_posts(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(GATEWAY) as gateway:
        assert await gateway.ask(PostStatus(state="investigating", title="Slow", body="We look.")) == Done()
        assert await gateway.ask(Announce(subject="Prices", body="They stay.", action="a_1")) == Done()
    status, mail = world.said("desk")
    assert isinstance(status, StatusPosted)
    assert isinstance(mail, Announced)
    assert (status.title, mail.subject) == ("Slow", "Prices")
    assert status.post != mail.post


async def test_a_message_is_taken_in_once(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(USERS) as users:
        await users.say(ASKED)
        await world.stage("desk", 0, 4, "settle")
        await users.say(TicketSaid(agent="u1", customer="c_1", ticket="t_1", body="And?"))
        await world.stage("desk", 1, 4, "settle")
    assert [type(event) for event in world.said("desk")] == [TicketOpened, TicketMessage]
