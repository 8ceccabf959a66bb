"""Settings: what differs between two installations, read once from the environment."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PREFIX = "INVOICING_"


class SettingsError(Exception):
    """A setting cannot be used. The message names the variable and says what to write."""


@dataclass(frozen=True)
class Settings:
    """See the README for the variables."""

    database_url: str = "sqlite+aiosqlite:///invoicing.db"
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    """Signs form tokens and the public links of invoices. All instances need the same one, for ever."""
    socket: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8081
    public_url: str = ""
    """How clients reach us, as in ``https://app.folio.example``: letters have links."""
    argon2_cost: tuple[int, int, int] = (2, 19_456, 1)
    """Time, memory (KiB), lanes of a password hash. The default is OWASP's minimum for argon2id (2023)."""
    secure_cookies: bool = False
    max_body_bytes: int = 256 * 1024
    drain_seconds: float = 10.0
    """How long requests in flight may take after SIGTERM."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the ``INVOICING_*`` variables; an empty one counts as absent."""
        found: dict[str, Any] = {}
        for name, (read, example) in _READERS.items():
            text = environ.get(PREFIX + name.upper(), "")
            if not text:
                continue
            try:
                found[name] = read(text)
            except ValueError:
                raise SettingsError(f"{PREFIX}{name.upper()} is {text!r}; write it as in {example}") from None
        return cls(**found)


def database_url(text: str) -> str:
    """Name the asynchronous driver in a plain database URL."""
    for plain, driver in (("sqlite:", "sqlite+aiosqlite:"), ("postgresql:", "postgresql+asyncpg:")):
        if text.startswith(plain):
            return driver + text.removeprefix(plain)
    return text


def _cost(text: str) -> tuple[int, int, int]:
    time, memory_kib, lanes = (int(part) for part in text.split(","))
    return time, memory_kib, lanes


def _yes_or_no(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError
    return text == "1"


_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "database_url": (database_url, "sqlite:///invoicing.db"),
    "secret": (str, "any long text"),
    "socket": (Path, "/run/invoicing.sock"),
    "host": (str, "127.0.0.1"),
    "port": (int, "8081"),
    "public_url": (lambda text: text.rstrip("/"), "https://app.folio.example"),
    "argon2_cost": (_cost, "2,19456,1"),
    "secure_cookies": (_yes_or_no, "1"),
    "max_body_bytes": (int, "262144"),
}
