"""Books and reward, event by event; what the net reward is when only a part was heard."""

from told import Teller, after

from bus.messages.billing import (
    BooksClosed,
    CompanyBankrupt,
    EntryPosted,
    InvoiceIssued,
    InvoiceRefunded,
    PlansChanged,
)
from bus.messages.reward import Cause, RewardEntry, RewardPart, RewardStatus
from bus.money import usd
from bus.simtime import DAY, HOUR
from tui.state import Business, net_reward, reduce
from tui.state import rewards as rewards_state


def books(tick=0, revenue=0, costs=0, mrr=0):
    return BooksClosed(
        tick=tick, equity=usd(1_000) + revenue - costs, cash=usd(1_000), deferred=0, owed=0,
        revenue={"subscription": revenue}, costs={"hosting": costs}, customers=2, seats=9, mrr=mrr, ledger_hash="",
    )  # fmt: skip


def entry(index, amount, kind="recognition", tick=0, actor="customer", account="revenue:subscription"):
    return RewardEntry(
        index=index, tick=tick, amount=amount, kind=kind, ledger_entry=f"en_{index}",
        parts=(RewardPart(account="cost:fees", amount=-1), RewardPart(account=account, amount=amount + 1)),
        cause=Cause(actor=actor, kind=kind), isolation="full", shaped=amount, prev_hash="", sig="",
    )  # fmt: skip


def status(index, state, **more):
    return RewardStatus(index=index, state=state, tick=0, isolation="full", prev_hash="", sig="", **more)


def test_unknown_net_reward_is_not_zero():
    assert net_reward(Business()) is None


def test_a_stream_heard_whole_is_the_net_reward_itself():
    business = after(status(1, "started"), entry(2, usd(5)), entry(3, -usd(2)), books(revenue=usd(9)))
    assert net_reward(business) == usd(3)
    assert net_reward(after(status(1, "started"))) == 0


def test_a_late_viewer_takes_the_net_reward_from_the_books():
    business = after(entry(500, usd(5)), books(revenue=usd(90), costs=usd(40)))
    assert not business.rewards.whole
    assert net_reward(business) == usd(50)


def test_settled_is_the_last_word():
    business = after(entry(9, usd(5)), status(10, "settled", count=9, sum=usd(77), sha256="ab"))
    assert business.over
    assert net_reward(business) == usd(77)


def test_void_is_no_reward_and_not_zero():
    assert net_reward(after(status(1, "started"), entry(2, usd(5)), status(3, "voided"))) is None


def test_heartbeats_and_terminated_do_not_end_it():
    assert not after(status(1, "started"), status(2, "heartbeat"), status(3, "terminated")).over
    assert after(status(1, "voided", failure_kind="service_died")).over


def test_rewards_add_up_by_day_and_by_kind():
    teller, business = Teller(), Business()
    for at, one in ((0, entry(1, 10)), (HOUR, entry(2, -4, "hosting")), (2 * DAY, entry(3, 7))):
        business = reduce(business, teller.tell(one, at))
    assert business.rewards.days == {0: 6, 2: 7}
    assert business.rewards.kinds == {"recognition": (2, 17), "hosting": (1, -4)}


def test_entries_of_one_tick_and_kind_stand_together():
    business = after(entry(1, 10), entry(2, -3, "hosting"), entry(3, 5), entry(4, 1, tick=1))
    batches = [(batch.tick, batch.kind, batch.count, batch.amount) for batch in business.rewards.batches]
    assert batches == [(1, "recognition", 1, 1), (0, "hosting", 1, -3), (0, "recognition", 2, 15)]
    assert [entry.index for entry in business.rewards.entries] == [4, 3, 2, 1]
    assert business.rewards.entries[0].account in ("revenue:subscription", "cost:fees")


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(rewards_state, "ENTRIES_KEPT", 4)
    monkeypatch.setattr(rewards_state, "DAYS_KEPT", 2)
    teller, business = Teller(), Business()
    for day in range(6):
        business = reduce(business, teller.tell(entry(day + 1, 1, tick=day * 24), day * DAY))
    assert len(business.rewards.entries) == len(business.rewards.batches) == 4
    assert list(business.rewards.days) == [4, 5]
    assert business.rewards.total == 6


def test_books_are_absolute_and_remember_the_first_mrr():
    business = after(books(0, mrr=usd(100)), books(1, revenue=usd(5), costs=usd(7), mrr=usd(90)))
    assert (business.books.first_mrr, business.books.net) == (usd(100), -usd(2))


def test_other_words_of_billing():
    issued = InvoiceIssued(
        invoice="in_1", customer="c", plan="team", seats=2, amount=usd(24), service_from=0, service_to=DAY
    )
    refunded = InvoiceRefunded(invoice="in_1", customer="c", amount=usd(24), by="operator", reason="twice")
    plans = PlansChanged(price_per_seat={"team": usd(14)}, effective_at=DAY)
    posted = EntryPosted(entry="en_1", tick=0, at=0, kind="charge", lines=(), actor="customer", memo="")
    business = after(issued, refunded, plans, posted, CompanyBankrupt(cash=-1)).books
    assert (business.invoices, business.refunds, business.refunded, business.entries) == (1, 1, usd(24), 1)
    assert business.bankrupt
    assert business.plans == plans
