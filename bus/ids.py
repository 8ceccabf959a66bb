"""Identifiers. Ids are opaque, and derived wherever the ledger could see them: nothing booked depends on chance in them."""

import base64
import hashlib
import re
import secrets
from typing import Annotated, NewType

from pydantic import AfterValidator

_EPISODE = re.compile(r"e_[a-z2-7]{12}")


def _checked(value: str) -> str:
    if not _EPISODE.fullmatch(value):
        raise ValueError(f"not an episode id: {value!r} (expected e_ and 12 characters of a-z2-7)")
    return value


EpisodeId = NewType("EpisodeId", str)
"""`e_` and 12 base32 characters: a legal token of a bus subject, opaque, used once."""

CheckedEpisodeId = Annotated[EpisodeId, AfterValidator(_checked)]


def parse_episode_id(text: str) -> EpisodeId:
    """Check and type an episode id; `ValueError` says what is wrong."""
    return EpisodeId(_checked(text))


def new_episode_id() -> EpisodeId:
    """A fresh episode id. Only the composition root calls this; the id never reaches the ledger's content."""
    return EpisodeId("e_" + _base32(secrets.token_bytes(8)))


def derive_id(prefix: str, *parts: str | int) -> str:
    """An id that follows from its parts: equal parts give an equal id, in any process.

    `derive_id("t", "users", 17)` gives `t_` and 12 base32 characters of a SHA-256.
    """
    text = "\x1f".join(str(part) for part in parts)
    return f"{prefix}_{_base32(hashlib.sha256(text.encode()).digest())}"


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower().rstrip("=")[:12]
