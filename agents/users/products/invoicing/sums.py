"""What an invoice must come to, reckoned without the product: exact fractions, rounded where the law of sums says so.

A line's net is rounded to the cent; the tax of each rate once, on the sum of that rate's lines (EN 16931); both half up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from agents.users.products.invoicing.words import DISCOUNTS, PRICES, QUANTITIES, RATES, WORK

_AMOUNT = re.compile(r"-?[0-9][0-9,]*\.[0-9]{2}")


@dataclass(frozen=True)
class Work:
    """One line, as it is typed."""

    description: str
    quantity: str
    price: str
    discount: str
    rate: str

    @property
    def net(self) -> int:
        """In cents."""
        share = 1 - Fraction(self.discount or "0") / 100
        return half_up(Fraction(self.quantity) * Fraction(self.price) * share * 100)


@dataclass(frozen=True)
class Sums:
    """In cents; `taxes` and `nets` by rate as it is typed."""

    nets: dict[str, int]
    taxes: dict[str, int]

    @property
    def net(self) -> int:
        return sum(self.nets.values())

    @property
    def tax(self) -> int:
        return sum(self.taxes.values())

    @property
    def total(self) -> int:
        return self.net + self.tax


def half_up(exact: Fraction) -> int:
    """The nearest whole; of two, the greater. Nothing here is below zero."""
    return (exact + Fraction(1, 2)).__floor__()


def reckon(lines: Sequence[Work]) -> Sums:
    """Add lines up."""
    nets: dict[str, int] = {}
    for line in lines:
        nets[line.rate] = nets.get(line.rate, 0) + line.net
    return Sums(nets, {rate: half_up(Fraction(net) * Fraction(rate) / 100) for rate, net in nets.items()})


def some_work(draw: Random, count: int) -> list[Work]:
    """Lines as they occur: small prices and several lines of one rate, so that roundings show."""
    return [
        Work(
            description=draw.choice(WORK),
            quantity=draw.choice(QUANTITIES),
            price=draw.choice(PRICES),
            discount=draw.choice(DISCOUNTS),
            rate=draw.choice(RATES),
        )
        for _ in range(count)
    ]


def shown(cents: int) -> str:
    """An amount as pages show it."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def typed(cents: int) -> str:
    """An amount as people type it."""
    return f"{cents // 100}.{cents % 100:02}"


def read(text: str) -> int | None:
    """The amount in a text such as `1,234.50 EUR`."""
    found = _AMOUNT.search(text)
    return None if found is None else int(found[0].replace(",", "").replace(".", ""))
