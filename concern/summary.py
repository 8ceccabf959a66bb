"""The table at the end of a run."""

from pathlib import Path

from bus.messages.reward import RewardStatus
from bus.money import Micros, dollars
from bus.world import WorldFile
from tui.state import Business


def summary_text(file: WorldFile, root: Path, business: Business) -> str:
    """Money, customers, uptime, tickets and the ledger's hash, for people; empty where nothing was settled."""
    settled = business.rewards.over
    books = business.books.closed
    if settled is None or settled.sum is None or books is None:
        return "no settled reward"
    rows = [
        ("episode", f"{file.episode}  {file.scenario.world.name}  seed {file.seed}  operator {file.operator}"),
        *_money(business, settled),
        *_customers(business),
        *_wishes(business, file.scenario.users.wishes),
        *_service(business),
        ("ledger hash", books.ledger_hash),
        ("run", str(root)),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _money(business: Business, settled: RewardStatus) -> list[tuple[str, str]]:
    books = business.books.closed
    assert books is not None
    assert settled.sum is not None
    revenue, costs = business.books.revenue or Micros(0), business.books.costs or Micros(0)
    largest = sorted(books.costs.items(), key=lambda item: -item[1])[:5]
    return [
        ("reward", f"{dollars(settled.sum)} in {settled.count} entries, settled, isolation {settled.isolation}"),
        ("revenue", dollars(revenue)),
        ("costs", f"{dollars(costs)}  (" + ", ".join(f"{kind} {dollars(sum_)}" for kind, sum_ in largest) + ")"),
        ("cash", f"{dollars(books.cash)}, owed {dollars(books.owed)}, prepaid by customers {dollars(books.deferred)}"),
        ("mrr", f"{dollars(books.mrr)} (began at {dollars(business.books.first_mrr or Micros(0))})"),
    ]


def _customers(business: Business) -> list[tuple[str, str]]:
    market = business.market
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(market.churned.items()))
    return [
        (
            "customers",
            f"{market.customers} of {market.inherited}, {market.joined} joined, {market.left} left ({reasons or '-'})",
        ),
        (
            "experience",
            f"{market.sessions:,} sessions, {market.failed_sessions:,} failed, satisfaction {market.satisfaction or 0:.2f}",
        ),
        (
            "attacks",
            ", ".join(f"{count} {kind}" for kind, count in sorted(business.attacks.outcomes.items())) or "none",
        ),
    ]


def _wishes(business: Business, wishes: int | tuple[str, ...]) -> list[tuple[str, str]]:
    count = wishes if isinstance(wishes, int) else len(wishes)
    found = sorted(name for name, works in business.market.requests.items() if works)
    return [("wishes", f"{len(found)} of {count} met" + (f": {', '.join(found)}" if found else ""))] if count else []


def _service(business: Business) -> list[tuple[str, str]]:
    desk, hosting = business.desk, business.hosting
    uptime = hosting.uptime
    return [
        ("uptime", f"{uptime:.3%}" if uptime is not None else "not measured"),
        ("tickets", f"{desk.opened_total} opened, {desk.solved_total} solved, {len(desk.unsolved)} unsolved"),
        (
            "operator",
            f"{business.operator.calls} calls ({business.operator.failed} refused) in {business.operator.turns} turns",
        ),
    ]
