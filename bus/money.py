"""Money as integer micro-dollars. Floats never hold money: they would make the ledger depend on rounding order."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NewType

Micros = NewType("Micros", int)
"""An amount in micro-dollars: 1_000_000 is one dollar. Negative amounts are allowed; who may owe is the ledger's rule."""

MICROS_PER_DOLLAR = 1_000_000


def usd(amount: str | int | Decimal) -> Micros:
    """Convert dollars to micro-dollars, exactly.

    Takes a decimal string, an integer or a `Decimal`; floats are refused by the type. Rounds half to even below one
    micro-dollar. Raises `decimal.InvalidOperation` for text that is no number.
    """
    scaled = Decimal(amount) * MICROS_PER_DOLLAR
    return Micros(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)))


def share(amount: Micros, numerator: int, denominator: int) -> Micros:
    """`amount * numerator / denominator`, rounded half to even, in integers throughout."""
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, got {denominator}")
    quotient, rest = divmod(amount * numerator, denominator)
    doubled = rest * 2
    if doubled > denominator or (doubled == denominator and quotient % 2):
        quotient += 1
    return Micros(quotient)


def dollars(amount: Micros, *, cents: bool = True) -> str:
    """Text for people: `-$1,234.50`; without cents, whole dollars."""
    sign = "-" if amount < 0 else ""
    if not cents:
        return f"{sign}${share(Micros(abs(amount)), 1, MICROS_PER_DOLLAR):,}"
    whole, part = divmod(share(Micros(abs(amount)), 1, 10_000), 100)
    return f"{sign}${whole:,}.{part:02d}"
