"""What hurts how much, and how people decide: every constant of the user model, with source and grade.

Grades as in ECONOMY.md: A primary, B industry report or list price, C vendor, folklore or assumption. Values of grade C
vary from seed to seed (`draw_tuning`), so that no policy can rest on one of them.

Pain is money: what the person would have paid not to have it happen. The levers, in order of effect: `PAIN`,
`pain_weight`, `half_life_days`, and each segment's `patience` in the scenario.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bus.chance import Chance
from bus.messages.users import PainKind
from bus.money import Micros, usd

PAIN_KINDS: tuple[PainKind, ...] = (
    "outage", "error", "failed_save", "lost_item", "stale_read", "foreign_item", "slow", "waiting", "broken_promise",
)  # fmt: skip

PAIN: dict[PainKind, Micros] = {
    "outage": usd("1.00"),  # a session that could not begin or was cut: minutes of one person's time (C)
    "error": usd("0.85"),  # a broken page: one or two minutes of office time at $20-30 an hour (C)
    "failed_save": usd("1.50"),  # the same, and typed again (C)
    "lost_item": usd("5.00"),  # a quarter of an hour of work is gone, and with it some trust (C)
    "stale_read": usd("1.20"),  # acted on what was no longer so (C)
    "foreign_item": usd("8.00"),  # fear for one's own data; leads to a breach-driven exit within days (C)
    "slow": usd("0.08"),  # each second of waiting beyond what is comfortable (C; sign: Brutlag 2009, A)
    "waiting": usd("1.20"),  # a day without an answer, for each seat: work that waits (C; 4-12 h is normal, gaspwiki)
    "broken_promise": usd("0.60"),  # told it was done when it was not, for each seat (C)
}
"""Micro-dollars of pain of one event to one person of a solo customer; others by their `stakes`.

Set so that six defects which hit a third of the journeys and that nobody fixes cost 25-45 % of the customers' value in
14 days, and a few percent when they are fixed on the third day.
"""


@dataclass(frozen=True)
class Tuning:
    """Constants of the decisions. Defaults are the middle of their range."""

    quality_days: float = 30.0
    """Memory of the quality average, in days (ECONOMY.md section 1)."""
    half_life_days: float = 12.0
    """After which pain weighs half (C)."""
    pain_scale: float = 1.0
    """Multiplies all pain (C)."""
    pain_weight: float = 3.2
    """Rise of the cancellation log-odds by a pain of one month's price (C)."""
    quality_weight: float = 5.0
    """Rise of the log-odds by a quality of 0 instead of 1 (C; sign: crash rate against non-return, Apteligent)."""
    price_weight: float = 1.6
    """Rise of the log-odds by a price that is higher by a factor e: own-price elasticity -0.5 to -2 (assumption)."""
    renewal_share: float = 0.5
    """Of the ordinary cancellations, those that fall on the day of renewal (C)."""
    failed_payment_month: float = 0.0115
    """Monthly share of customers lost to failed payments: 0.9-1.4 % (Recurly; B)."""
    comfortable_ms: float = 600.0
    """Mean answer time that nobody minds (C)."""
    unbearable_ms: float = 10_000.0
    """Answer time at which a session is as good as failed (bounce at 10 s; secondary citations; C)."""
    ticket_after_pain: float = 0.05
    """Chance that a failed session makes somebody write to support (C)."""
    ticket_security: float = 0.6
    """The same, when another company's data was seen (C)."""
    question_patience_days: float = 1.0
    """Days until somebody reminds support of a ticket (C)."""
    recheck_days: float = 1.0
    """Days after an answer until the requester looks again by itself (C)."""
    dispute_days: float = 5.0
    """Days from asking for a refund to having the bank take the charge back (C)."""
    double_charge_share: float = 0.5
    """Of the inherited tickets, those about a double charge (assumed; C)."""
    false_claims_month: float = 0.012
    """Monthly share of customers that claim a charge back which is not owed (friendly fraud; C)."""
    market_size: float = 25.0
    """Companies that could ever be customers, against those that are in the beginning (assumption; C)."""
    speaking_days: float = 4.0
    """Days until an experience is talked about (C)."""
    reputation_days: float = 20.0
    """Memory of the market for good news (C)."""
    bad_news_speed: float = 3.0
    """How much faster bad news travels (C)."""
    imitation: float = 0.85
    """Share of joins that come by word of mouth: q against p of the Bass model (Sultan et al. 1990; mem)."""
    newcomer_elasticity: float = 1.5
    """By how many per cent fewer come when prices are one per cent above those at the start (assumed; C)."""
    price_memory_days: float = 120.0
    """Half-life after which a new price is what one is used to (reference price: Winer 1986; sign A, value C)."""
    notice_weight: float = 0.5
    """Weight of a rise that is announced and not yet paid (C)."""
    wants_weight: float = 1.2
    """Rise of the log-odds by missing requests worth a month's price (C)."""
    surplus_weight: float = 0.8
    """Fall of the log-odds by working requests worth a month's price (C)."""
    tenure_slope: float = 0.25
    """Power by which the hazard falls with tenure: newcomers leave about a quarter more often (B2B panels; C)."""
    seat_change: float = 0.12
    """Chance at an ordinary renewal that the number of seats changes by one (C)."""
    plan_change: float = 0.02
    """Chance at an ordinary renewal of another plan (assumption; C)."""
    choice_scale: float = 0.12
    """Scale of the logit over plans, as a share of a working seat's value (no trustworthy SaaS number found: assumed; C)."""
    frailty: float = 2.0
    """Shape of the gamma-distributed individual rates: the smaller, the more unequal (Pareto/BG-NBD mixture; C)."""
    prior_sessions: float = 2.0
    """Weight of what was known before a release, in sessions of each journey."""
    share_link: float = 0.25
    """Chance that a new item's address is sent to somebody outside (C)."""

    def tenure_factor(self, days: NDArray[np.float32]) -> NDArray[np.float32]:
        """Hazard of customers of that tenure against one of nine months."""
        return np.asarray(((1 + np.maximum(days, 0) / 180) / 2.5) ** -self.tenure_slope, np.float32)


_GRADE_C: dict[str, tuple[float, float]] = {
    "half_life_days": (0.8, 1.25),
    "pain_scale": (0.85, 1.2),
    "pain_weight": (0.85, 1.2),
    "quality_weight": (0.85, 1.2),
    "price_weight": (0.6, 1.25),
    "failed_payment_month": (0.8, 1.2),
    "comfortable_ms": (0.85, 1.2),
    "ticket_after_pain": (0.7, 1.4),
    "question_patience_days": (0.75, 1.5),
    "dispute_days": (0.8, 1.6),
    "false_claims_month": (0.5, 1.5),
    "bad_news_speed": (0.8, 1.25),
    "newcomer_elasticity": (0.6, 1.4),
    "price_memory_days": (0.6, 1.6),
    "notice_weight": (0.5, 1.5),
    "wants_weight": (0.7, 1.3),
    "surplus_weight": (0.7, 1.3),
    "tenure_slope": (0.6, 1.4),
    "seat_change": (0.7, 1.4),
    "plan_change": (0.6, 1.6),
    "choice_scale": (0.7, 1.4),
    "market_size": (0.6, 1.6),
    "speaking_days": (0.6, 1.6),
}
"""Factors between which a constant varies by seed."""


def draw_tuning(chance: Chance) -> Tuning:
    """This world's constants: grade C ones moved within their range, each from its own stream."""
    moved: dict[str, Any] = {}
    for name, (low, high) in _GRADE_C.items():
        moved[name] = getattr(Tuning(), name) * chance.python("users", "tuning", name).uniform(low, high)
    return replace(Tuning(), **moved)


assert _GRADE_C.keys() <= {each.name for each in fields(Tuning)}
