"""People of a scene: names, addresses and browsers such as everybody has."""

from dataclasses import dataclass
from random import Random

from agents.web.browser import Visitor

_GIVEN = ("Ines", "Tomas", "Yuki", "Amara", "Pavel", "Noor", "Lena", "Diego", "Maja", "Kofi", "Rosa", "Emil")
_FAMILY = ("Berger", "Lindqvist", "Okafor", "Tanaka", "Moreau", "Novak", "Silva", "Haddad", "Kowalski", "Rossi")
_WORDS = ("harbour", "lantern", "meadow", "granite", "saffron", "willow", "copper", "juniper", "cobalt", "marble")
_COMPANIES = ("Logistics", "Studio", "Analytics", "Foods", "Robotics", "Gardens", "Press", "Energy")
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
)


@dataclass
class Person:
    """Somebody with an account, or about to have one."""

    name: str
    email: str
    password: str
    visitor: Visitor


def somebody(chance: Random, domain: str) -> Person:
    """Somebody new, with a browser and an address of their own."""
    given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
    mark = f"{chance.getrandbits(20):05x}"
    return Person(
        name=f"{given} {family}",
        email=f"{given.lower()}.{mark}@{domain}",
        password=f"{chance.choice(_WORDS)}-{chance.choice(_WORDS)}-{mark}",
        visitor=stranger(chance),
    )


def stranger(chance: Random) -> Visitor:
    """A browser without an account."""
    address = f"10.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    return Visitor(address, chance.choice(_AGENTS), "en-GB,en;q=0.9")


def company(chance: Random) -> tuple[str, str]:
    """A company's name and its mail domain."""
    family, trade = chance.choice(_FAMILY), chance.choice(_COMPANIES)
    return f"{family} {trade}", f"{family.lower()}-{trade.lower()}-{chance.getrandbits(24):06x}.example"
