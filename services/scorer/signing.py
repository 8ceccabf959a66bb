"""The signed chain: each message names the hash of the one before and carries a signature over all of itself.

The recipe for readers is docs/reward.md; `tests/unit/test_scorer_recipe.py` follows it with nothing of ours.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FIRST = "0" * 64
"""`prev_hash` of the first message."""

KEY_FILE = "reward.key"
PUBLIC_FILE = "reward.pub"


def canonical(fields: dict[str, Any]) -> bytes:
    """The one spelling of a JSON object: sorted keys, no blanks, UTF-8 unescaped. Reward messages hold no floats."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(fields: dict[str, Any]) -> str:
    """What the next message names as `prev_hash`: SHA-256 of the whole message, signature included, hex."""
    return hashlib.sha256(canonical(fields)).hexdigest()


def sign(key: Ed25519PrivateKey, fields: dict[str, Any]) -> str:
    """The signature over a message's fields, envelope included, without `sig`; hex."""
    return key.sign(canonical({name: value for name, value in fields.items() if name != "sig"})).hex()


def public_hex(key: Ed25519PrivateKey) -> str:
    """The raw public key, hex."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def open_key(directory: Path, root: Path) -> Ed25519PrivateKey:
    """The world's signing key, made at the first call: secret in the scorer's directory, public half in the world's.

    The key is drawn from the system and not from the seed, or whoever knew the seed could sign. It never reaches the
    ledger.
    """
    secret = directory / KEY_FILE
    try:
        key = Ed25519PrivateKey.from_private_bytes(secret.read_bytes())
    except FileNotFoundError:
        key = Ed25519PrivateKey.generate()
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(key.private_bytes_raw())
    (root / PUBLIC_FILE).write_text(public_hex(key) + "\n", encoding="ascii")
    return key
