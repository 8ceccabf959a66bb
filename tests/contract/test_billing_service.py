"""Billing on a bus: what it hears is booked, stored and told, once; the operator's commands are answered."""

import sqlite3
from pathlib import Path

import pytest
from scripted_world import ScriptedWorld, make_world, player

from bus import codec
from bus.messages.base import Refused
from bus.messages.billing import (
    Account,
    AskAccount,
    AskFinances,
    BooksClosed,
    EntryPosted,
    Finances,
    PlanList,
    Refund,
    Refunded,
    SetPlans,
    invoice_id,
)
from bus.messages.cloud import UsageLine, UsageMetered
from bus.messages.users import CohortWorked, CustomerChurned, CustomersInherited, DoubleChargeInherited
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime
from bus.subjects import command_subject
from services.billing.service import service

pytestmark = pytest.mark.anyio

USERS = player("users", publishes=(CohortWorked, CustomerChurned, CustomersInherited, DoubleChargeInherited))
CLOUD = player("cloud", publishes=(UsageMetered,))
GATEWAY = player("gateway", asks=(AskAccount, AskFinances, Refund, SetPlans))
CAME = CustomersInherited(
    agent="u1",
    customer=("c_1", "c_2"),
    name=("Acme", "Bolt"),
    segment=("solo", "solo"),
    plan=("starter", "team"),
    seats=(1, 5),
    paid_from=(SimTime(-10 * DAY), SimTime(-20 * DAY)),
    wallet=(Micros(50_000_000), Micros(90_000_000)),
    income=(Micros(10_000_000), Micros(60_000_000)),
)
DOUBLE = DoubleChargeInherited(
    agent="u1", customer="c_1", invoice="in_twice", amount=Micros(8_000_000), at=SimTime(-10 * DAY)
)
BILL = UsageMetered(tick=0, lines=(UsageLine(item="instances", quantity=1.0, unit="h", cost=Micros(90_000)),))


def ledger(folder: Path) -> list[tuple[str, str]]:
    """Kinds and chain of the stored entries."""
    with sqlite3.connect(folder / "billing" / "ledger.db") as record:
        return record.execute("select kind, head from entries order by position").fetchall()


async def test_a_company_on_the_bus(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with (
        world.running(service),
        world.role(USERS) as users,
        world.role(CLOUD) as cloud,
        world.role(GATEWAY) as gateway,
    ):
        await users.say(CAME)
        doubled = await users.say(DOUBLE)
        billed = await cloud.say(BILL)
        await world.stage("billing", 0, 5, "settle")

        account = await gateway.ask(AskAccount(customer="c_1"))
        assert isinstance(account, Account)
        assert [invoice.invoice for invoice in account.invoices] == [invoice_id("c_1", 0), "in_twice"]
        gateway.now = SimTime(HOUR // 2)
        wish = Refund(invoice="in_twice", amount=Micros(8_000_000), reason="charged twice", action="a_7")
        assert await gateway.ask(wish) == Refunded(invoice="in_twice", refunded=wish.amount, remaining=Micros(0))
        again = await gateway.ask(wish)
        assert isinstance(again, Refused)
        assert again.code == "too_much"
        prices = await gateway.ask(SetPlans(price_per_seat={"team": Micros(15_000_000)}, notice_days=30))
        assert isinstance(prices, PlanList)
        assert prices.effective_at == HOUR // 2 + 30 * DAY

        await users.say(CustomerChurned(agent="u1", customer="c_2", reason="price"))
        await world.stage("billing", 24, 5, "settle")
        finances = await gateway.ask(AskFinances())
        assert isinstance(finances, Finances)
        assert (finances.customers, finances.churned_this_month, finances.owed) == (1, 1, 0)
        assert finances.price_notice_days == 30

    told = world.delivered("billing")
    causes = {one.event.kind: one.envelope.cause_id for one in told if isinstance(one.event, EntryPosted)}
    assert (causes["hosting"], causes["recognition"]) == (billed.id, None)
    refunds = [one for one in told if isinstance(one.event, EntryPosted) and one.event.action == "a_7"]
    assert [(one.envelope.cause_id, one.envelope.sim_time) for one in refunds] == [("a_7", HOUR // 2)]
    assert [one.envelope.cause_id for one in told].count(doubled.id) == 2
    stored = ledger(tmp_path)
    posted = [event.kind for event in world.said("billing") if isinstance(event, EntryPosted)]
    assert [kind for kind, _ in stored] == posted
    closed = [event for event in world.said("billing") if isinstance(event, BooksClosed)]
    assert closed[-1].ledger_hash == stored[-1][1]
    with sqlite3.connect(tmp_path / "billing" / "ledger.db") as record:
        assert record.execute("select count(*) from outbox where seq is null").fetchone() == (0,)


async def raw_answer(world: ScriptedWorld, request: bytes, to: type[Refund]) -> Refunded | Refused:
    """Send the very same bytes, as a broken sender would."""
    subject = command_subject(world.world.episode, to)
    data = await world.transport("gateway").request(subject, request, deadline_s=10)
    answer = codec.decode_answer(data, Refunded).reply
    assert isinstance(answer, Refunded | Refused)
    return answer


async def test_a_repeated_request_is_carried_out_once(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(USERS) as users:
        await users.say(CAME)
        await world.stage("billing", 0, 5, "settle")
        head = codec.RequestHead(id="gateway-1", episode=world.world.episode, sender="gateway", sim_time=SimTime(0))
        wish = Refund(invoice=invoice_id("c_2", 0), amount=Micros(1), reason="")
        request = codec.encode_command(head, wish)
        assert isinstance(await raw_answer(world, request, Refund), Refunded)
        again = await raw_answer(world, request, Refund)
        assert isinstance(again, Refused)
        assert again.code == "repeated"
    assert [kind for kind, _ in ledger(tmp_path)].count("refund") == 1


@pytest.mark.parametrize("amount", [b'"5"', b"5.0", b"true", b"NaN", b"1e999", b"-5", b"99999999999999999999999"])
async def test_amounts_that_are_none_are_refused(tmp_path: Path, amount: bytes) -> None:
    world = make_world(tmp_path)
    async with world.running(service), world.role(USERS) as users:
        await users.say(CAME)
        await world.stage("billing", 0, 5, "settle")
        head = codec.RequestHead(id="gateway-1", episode=world.world.episode, sender="gateway", sim_time=SimTime(0))
        wish = Refund(invoice=invoice_id("c_2", 0), amount=Micros(424242), reason="")
        request = codec.encode_command(head, wish).replace(b"424242", amount)
        answer = await raw_answer(world, request, Refund)
        assert isinstance(answer, Refused)
        await world.stage("billing", 1, 5, "settle")  # it is still there, and unharmed
    assert "refund" not in [kind for kind, _ in ledger(tmp_path)]


async def played(folder: Path) -> list[tuple[str, str]]:
    world = make_world(folder)
    async with world.running(service), world.role(USERS) as users, world.role(GATEWAY) as gateway:
        await users.say(CAME)
        await users.say(DOUBLE)
        for tick in range(0, 240, 12):
            await world.stage("billing", tick, 5, "settle")
            await gateway.ask(Refund(invoice=invoice_id("c_2", 0), amount=Micros(tick), reason="r"))
    return ledger(folder)


async def test_equal_worlds_have_equal_chains(tmp_path: Path) -> None:
    first, second = await played(tmp_path / "a"), await played(tmp_path / "b")
    assert first == second
    assert len(first) > 20
