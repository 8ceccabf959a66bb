"""Passwords as a product's database has them when the episode begins."""

from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret

from agents.users.population.names import WEAK_PASSWORDS, Identity
from bus.chance import Chance

_SHARED_PASSWORDS = 8
"""Distinct passwords of the people who never log in for real: hashing one for each would only cost time."""


def stored_password(who: Identity, row: int, seat: int, *, executed: bool) -> str:
    """Their own password for those who log in and for those whose password can be guessed, a shared one for others."""
    if executed or who.password in WEAK_PASSWORDS:
        return who.password
    return f"nobody logs in here {(row + seat) % _SHARED_PASSWORDS}"


@dataclass
class Hashes:
    """argon2id at the lowest cost: these hashes are history, and verifying them must not eat the budget of requests."""

    chance: Chance
    _made: dict[str, str] = field(default_factory=dict[str, str])

    def of(self, password: str) -> str:
        """The hash of a password, the same one each time."""
        if password not in self._made:
            salt = self.chance.token("users", "salt", password).encode()
            self._made[password] = hash_secret(password.encode(), salt, 1, 8, 1, 16, Type.ID).decode()
        return self._made[password]
