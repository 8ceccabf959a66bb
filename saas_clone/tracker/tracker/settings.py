"""Settings, read once from the environment."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Argon2Cost:
    """Work of one password hash. The default is OWASP's minimum for argon2id (2023)."""

    time: int = 2
    memory_kib: int = 19_456
    lanes: int = 1

    @classmethod
    def parse(cls, text: str) -> "Argon2Cost":
        """Read ``time,memory_kib,lanes``, as in ``2,19456,1``; ``1,8,1`` is quick, for development only."""
        try:
            time, memory_kib, lanes = (int(part) for part in text.split(","))
        except ValueError:
            raise SettingsError(f"TRACKER_ARGON2_COST is {text!r}; write it as 2,19456,1") from None
        return cls(time, memory_kib, lanes)


class SettingsError(Exception):
    """A setting is missing or cannot be used. The message says which, and what to write."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations."""

    database_url: str = "sqlite+aiosqlite:///tracker.db"
    data: Path = Path("data")
    """Folder of the attachments, shared by all instances."""
    mail: Path | None = None
    """Pickup folder of outgoing mail; ``None`` is a folder ``mail`` beside the data."""
    address: str = ""
    """How people reach us, for links in mails, as in ``https://tracker.example``."""
    egress: Path = Path("egress")
    """Folder in which the platform picks up our requests to the outside, and leaves the answers."""
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    """Signs form tokens and messages. All instances need the same one."""
    socket: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    argon2: Argon2Cost = field(default_factory=Argon2Cost)
    secure_cookies: bool = False
    """Set when people reach us over https only."""
    max_body_bytes: int = 256 * 1024
    max_upload_bytes: int = 5 * 1024 * 1024
    api_requests_per_minute: int = 1_000
    """Of one API token, counted by each instance for itself."""
    cors_origins: tuple[str, ...] = ()
    """Sites whose scripts may call the API, as in ``https://app.example``. None by default."""
    drain_seconds: float = 10.0
    """How long requests in flight may take after SIGTERM."""

    @property
    def mail_folder(self) -> Path:
        """Where letters are handed over."""
        return self.mail or self.data.parent / "mail"

    @property
    def public_address(self) -> str:
        """How people reach us. Never taken from a request: its sender chooses the ``Host``."""
        return self.address.rstrip("/") or f"http://{self.host}:{self.port}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the ``TRACKER_*`` variables; see the README for the list."""
        found: dict[str, object] = {}
        readers = {
            "database_url": database_url,
            "data": Path,
            "mail": Path,
            "address": str,
            "egress": Path,
            "secret": str,
            "socket": Path,
            "host": str,
            "port": int,
            "argon2_cost": Argon2Cost.parse,
            "secure_cookies": lambda text: text == "1",
            "max_upload_bytes": int,
            "api_requests_per_minute": int,
            "cors_origins": lambda text: tuple(text.split()),
        }
        for name, read in readers.items():
            text = environ.get(f"TRACKER_{name.upper()}", "")
            if text:
                try:
                    found[name] = read(text)
                except ValueError:
                    raise SettingsError(
                        f"TRACKER_{name.upper()} is {text!r}, which is not a number"
                    ) from None
        if "argon2_cost" in found:
            found["argon2"] = found.pop("argon2_cost")
        if "data" in found and "egress" not in found:
            found["egress"] = Path(str(found["data"])).parent / "egress"
        return cls(**found)  # type: ignore[arg-type]


def database_url(text: str) -> str:
    """Name the asynchronous driver in a plain database URL."""
    for plain, driver in (("sqlite:", "sqlite+aiosqlite:"), ("postgresql:", "postgresql+asyncpg:")):
        if text.startswith(plain):
            return driver + text.removeprefix(plain)
    return text
