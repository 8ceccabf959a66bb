"""Money, quantities and tax: integers, and one place where anything is rounded.

Amounts are cents, quantities thousandths, rates (tax and discount) hundredths of a percent. Two roundings exist, both
half up, away from zero for a tie:

1. a line's net, because the printed lines must add up to the printed sum;
2. the tax of each rate, once, on the sum of that rate's lines (EN 16931, BR-CO-17). Never line by line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

MOST_CENTS = 10**11
"""A billion: no amount may be larger, so sums stay far from what a database stores."""
WHOLE_RATE = 10_000
"""100 %, in hundredths of a percent."""
PER_UNIT = 1_000
"""Thousandths in one unit of quantity."""

_NUMBER = re.compile(r"(-?)([0-9]{1,10})(?:[.,]([0-9]+))?")


class Priced(Protocol):
    """What a line must tell to be priced: integers, whether it is a row of a table or not yet."""

    @property
    def quantity_milli(self) -> Any: ...
    @property
    def unit_price_cents(self) -> Any: ...
    @property
    def discount_rate(self) -> Any: ...
    @property
    def tax_rate(self) -> Any: ...


@dataclass(frozen=True)
class RateTotal:
    """Net and tax of all lines with one tax rate."""

    tax_rate: int
    net_cents: int
    tax_cents: int


@dataclass(frozen=True)
class Totals:
    """What a document comes to."""

    rates: tuple[RateTotal, ...]

    @property
    def net_cents(self) -> int:
        """Before tax."""
        return sum(rate.net_cents for rate in self.rates)

    @property
    def tax_cents(self) -> int:
        """All taxes."""
        return sum(rate.tax_cents for rate in self.rates)

    @property
    def total_cents(self) -> int:
        """What is to be paid."""
        return self.net_cents + self.tax_cents


def half_up(numerator: int, denominator: int) -> int:
    """Divide, rounding to the nearest whole; a tie goes away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def line_net(line: Priced) -> int:
    """Return a line's net in cents: quantity x unit price, less its discount, rounded once."""
    exact = line.quantity_milli * line.unit_price_cents * (WHOLE_RATE - line.discount_rate)
    return half_up(exact, PER_UNIT * WHOLE_RATE)


def totals(lines: Iterable[Priced]) -> Totals:
    """Add lines up: net per tax rate, then the tax of that sum, rounded once per rate."""
    nets: dict[int, int] = {}
    for line in lines:
        nets[line.tax_rate] = nets.get(line.tax_rate, 0) + line_net(line)
    return Totals(tuple(RateTotal(rate, net, half_up(net * rate, WHOLE_RATE)) for rate, net in sorted(nets.items())))


def parse(text: str, places: int) -> int | None:
    """Read a decimal with at most ``places`` digits after point or comma, as an integer of that many places."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if len(fraction) > places:
        return None
    value = int(whole + fraction.ljust(places, "0"))
    return -value if sign else value


def amount(cents: int) -> str:
    """Write an amount for people, as in ``1,234.50``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def plain(value: int, places: int) -> str:
    """Write a decimal without grouping and without needless zeros, as forms and files have it."""
    sign, digits = "-" if value < 0 else "", str(abs(value)).rjust(places + 1, "0")
    fraction = digits[-places:].rstrip("0")
    return f"{sign}{digits[:-places]}{'.' + fraction if fraction else ''}"


def exact(cents: int) -> str:
    """Write an amount for a file: always two places, never grouped."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
