"""Names, addresses and passwords of companies and people: drawn from streams named after who they are."""

import re
from dataclasses import dataclass
from random import Random

from bus.chance import Chance

_FIRST = (
    "Maria", "James", "Aiko", "Fatima", "Lars", "Chloé", "Diego", "Priya", "Tom", "Ngozi", "Elena", "Samuel", "Zoë", "Omar",
    "Ingrid", "Wei", "Lucía", "Patrick", "Amara", "Jonas", "Sofia", "Ravi", "Hannah", "Mateus", "Yuki", "Nadia", "Peter",
    "Siobhán", "Kofi", "Greta", "Andrés", "Leila", "Oskar", "Ruth", "Tariq", "Mei", "Björn", "Carla", "Denis", "Anya",
)  # fmt: skip
_LAST = (
    "Lopez", "O'Neill", "Tanaka", "Rahman", "Nilsson", "Moreau", "García", "Patel", "Baker", "Okafor", "Petrova", "Cohen",
    "Müller", "Haddad", "Berg", "Zhang", "Ruiz", "Murphy", "Diallo", "Schmidt", "Rossi", "Iyer", "Weber", "Silva", "Sato",
    "Novak", "Jones", "Byrne", "Mensah", "Vogel", "Castro", "Hosseini", "Lind", "Adler", "Khan", "Lin", "Dahl", "Costa",
)  # fmt: skip
_WORDS = (
    "Harbour", "Northwind", "Maple", "Cobalt", "Lantern", "Quarry", "Juniper", "Atlas", "Kestrel", "Meadow", "Copper", "Drift",
    "Ember", "Fjord", "Granite", "Hazel", "Iris", "Larch", "Mosaic", "Nimbus", "Orchard", "Pebble", "Quill", "Ridge", "Sable",
    "Timber", "Umber", "Velvet", "Willow", "Zephyr", "Anchor", "Birch", "Cedar", "Dune", "Falcon", "Grove", "Heron", "Ivory",
)  # fmt: skip
_TRADES = (
    "Studio", "Works", "Partners", "Supply", "Labs", "Clinic", "Logistics", "Press", "Foods", "Tools", "Design", "Legal",
    "Media", "Systems", "Travel", "Health", "Books", "Energy", "Print", "Estates",
)  # fmt: skip
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
)
_LANGUAGES = ("en-US,en;q=0.9", "en-GB,en;q=0.8", "de,en;q=0.7", "es,en;q=0.6", "ja,en;q=0.5")

WEAK_PASSWORDS = (
    "password", "12345678", "123456789", "qwertyuiop", "iloveyou", "sunshine", "princess1", "football", "baseball", "superman",
    "trustno1", "starwars", "welcome1", "whatever", "computer", "michelle", "jennifer", "corvette", "midnight", "letmein1",
    "chocolate", "liverpool", "butterfly", "password1", "dragon123", "monkey123", "shadow123", "master123", "summer2025", "winter2025",
)  # fmt: skip
"""What guessers try, the most common first (after public lists of leaked passwords; B)."""
WEAK_FROM = 12
"""Weak passwords in use stand at this place of the list or later: a throttle of ten attempts protects their owners."""
WEAK_SHARE = 0.04
"""Of all people, those with such a password (C)."""


@dataclass(frozen=True)
class Identity:
    """A person as the product knows it."""

    name: str
    email: str
    password: str
    user_agent: str
    language: str


def company_name(index: int, chance: Chance) -> str:
    """The name of the customer in that row; no two rows share one."""
    number, rest = divmod(index, len(_WORDS) * len(_TRADES))
    step = rest * 277 % (len(_WORDS) * len(_TRADES))  # 277 is coprime to 760: every pair once, in no order
    name = f"{_WORDS[step % len(_WORDS)]} {_TRADES[step // len(_WORDS)]}"
    if number:
        return f"{name} {number + 1}"
    return chance.python("users", "company", index).choice((name, f"{name} Ltd", f"{name} & Co"))


def identity(customer: str, company: str, seat: int, chance: Chance) -> Identity:
    """The person on one seat of a customer; the first is its owner."""
    draw = chance.python("users", "person", customer, seat)
    first, last = draw.choice(_FIRST), draw.choice(_LAST)
    weak = draw.random() < WEAK_SHARE
    password = draw.choice(WEAK_PASSWORDS[WEAK_FROM:]) if weak else chance.token("users", "password", customer, seat)
    return Identity(
        name=f"{first} {last}",
        email=f"{_ascii(first)}.{_ascii(last)}{seat or ''}@{_ascii(company)}-{customer[-6:]}.example",
        password=password,
        user_agent=draw.choice(_BROWSERS),
        language=draw.choice(_LANGUAGES),
    )


def office_address(draw: Random) -> str:
    """A network address. Attackers' addresses come from here too: nothing about one tells who it is."""
    return f"{draw.choice((62, 81, 93, 101, 131, 185, 203))}.{draw.randint(1, 60)}.{draw.randint(0, 255)}.{draw.randint(1, 254)}"


_FOLDED = str.maketrans("éëíáüöøñ", "eeiauoon")


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower().translate(_FOLDED))
