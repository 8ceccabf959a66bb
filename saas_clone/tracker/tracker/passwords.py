"""Password hashes (argon2id). Hashing takes long: it runs in a thread, outside transactions."""

import asyncio
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.settings import Argon2Cost


class Passwords:
    """Hashes and verifies with one cost."""

    def __init__(self, cost: Argon2Cost) -> None:
        self._hasher = PasswordHasher(cost.time, cost.memory_kib, cost.lanes)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")

    def hash_now(self, password: str) -> str:
        """Hash in the calling thread (for the bulk import)."""
        return self._hasher.hash(password.encode("utf-8", "replace"))

    async def hash(self, password: str) -> str:
        """Hash without holding up other requests."""
        return await asyncio.to_thread(self.hash_now, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Verify. Without a hash (no such account) it takes as long, and fails."""
        return await asyncio.to_thread(self._matches, password_hash, password)

    def _matches(self, password_hash: str | None, password: str) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobody, password.encode("utf-8", "replace"))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None
