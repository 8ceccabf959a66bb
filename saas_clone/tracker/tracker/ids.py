"""Identifiers and secrets that may appear in addresses."""

import base64
import hashlib
import hmac
import os
import secrets

PUBLIC_ID_PATTERN = "[a-z2-7]{12}"
"""Regular expression of a public id, for routes."""


def new_public_id() -> str:
    """Return 60 random bits as 12 characters of lower-case base32: short, and not to be guessed."""
    return base64.b32encode(os.urandom(8))[:12].decode("ascii").lower()


def new_secret() -> str:
    """Return a fresh secret (256 bits, URL-safe) for a session, an invitation or an API token."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return what we store instead of a secret: a reader of the database cannot use it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def sign(key: str, purpose: str, value: str) -> str:
    """Return a signature of ``value`` that is valid for this ``purpose`` only."""
    return hmac.new(key.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def signed_by(key: str, purpose: str, value: str, signature: str) -> bool:
    """Tell, in constant time, whether ``signature`` is ours for ``value``."""
    return hmac.compare_digest(sign(key, purpose, value).encode(), signature.encode("utf-8", "replace"))
