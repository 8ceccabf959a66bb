"""How one role reaches the bus: address, user and password, written to one closed file per role."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bus.permissions import Grants, inbox_prefix
from bus.service import Account


class Credentials(BaseModel):
    """Everything a role needs to connect. Secret: never logged, never in a sandbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    """`nats://host:port`."""
    account: Account
    user: str
    """The role's name."""
    password: str
    inbox_prefix: str
    """Answers arrive below this subject; the role may listen to no other inbox."""

    def __repr__(self) -> str:
        return f"Credentials({self.user!r} in {self.account} at {self.url})"

    __str__ = __repr__

    def write(self, path: Path) -> None:
        """Write to a new file that only its owner may read. `FileExistsError` if there is one already."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.write(self.model_dump_json())

    @classmethod
    def read(cls, path: Path) -> "Credentials":
        """Read what `write` wrote.

        `OSError` or pydantic's `ValidationError` if it is not there or is none.
        """
        return cls.model_validate_json(path.read_bytes())


def credentials(granted: Grants, passwords: Mapping[str, str], url: str) -> dict[str, Credentials]:
    """The credentials of every role of a world, by role."""
    return {
        role.name: Credentials(
            url=url,
            account=role.account,
            user=role.name,
            password=passwords[role.name],
            inbox_prefix=inbox_prefix(role.name),
        )
        for role in granted.roles
    }
