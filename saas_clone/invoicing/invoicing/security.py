"""Ids, secrets, signatures and password hashes."""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PUBLIC_ID = "[a-z2-7]{12}"
"""Regular expression of a public id, for routes."""
SECRET = "[A-Za-z0-9_-]{43}"
"""Regular expression of a secret, for routes."""


def new_public_id() -> str:
    """Return 60 random bits in lower-case base32: they may stand in an address, and nobody guesses them."""
    return base64.b32encode(os.urandom(8))[:12].decode("ascii").lower()


def new_secret() -> str:
    """Return 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return what we store of a secret: whoever reads the database cannot use it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class Signer:
    """Signs small texts, each for one purpose."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def sign(self, purpose: str, text: str) -> str:
        """Return 43 characters that only we can make."""
        digest = hmac.new(self._key, f"{purpose}\0{text}".encode("utf-8", "replace"), hashlib.sha256)
        return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode("ascii")

    def holds(self, purpose: str, text: str, signature: str) -> bool:
        """Tell, in constant time, whether a signature is ours."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode("utf-8", "replace"))


class Passwords:
    """argon2id with one cost. Hashing is slow on purpose: in a thread, and never inside a transaction."""

    def __init__(self, cost: tuple[int, int, int]) -> None:
        self._hasher = PasswordHasher(*cost)

    @cached_property
    def _of_nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def hash_now(self, password: str) -> str:
        """Hash in the calling thread, for the import."""
        return self._hasher.hash(password.encode("utf-8", "replace"))

    async def hash(self, password: str) -> str:
        """Hash without holding up others."""
        return await asyncio.to_thread(self.hash_now, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Verify. Without an account it takes as long, and fails."""
        return await asyncio.to_thread(self._verify, stored, password)

    def _verify(self, stored: str | None, password: str) -> bool:
        try:
            self._hasher.verify(stored or self._of_nobody, password.encode("utf-8", "replace"))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None
