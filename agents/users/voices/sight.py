"""What somebody saw when a thing went wrong: all that they can ever tell of it, and no more."""

import re
from dataclasses import dataclass
from datetime import datetime

from bus.messages.users import PainKind

_STATUS = re.compile(r"^status (\d{3})$")


@dataclass(frozen=True)
class Sight:
    """One session that went wrong, through the eyes of who sat there."""

    when: datetime
    """In their own time zone."""
    kind: PainKind
    words: str
    """What they wanted to do."""
    step: str = ""
    """What they did last; empty if they did not heed it."""
    detail: str = ""
    """What they found, as a clause."""
    page: str = ""
    """The address that the browser showed, without ids."""
    item: str = ""
    """The reference on what it was about: their own, or a stranger's that they could read."""

    @property
    def day(self) -> str:
        """The day as they would name it."""
        return f"{self.when:%A}"

    @property
    def about_when(self) -> str:
        """The hour, as well as anybody remembers it."""
        hour = self.when.hour
        return f"around {hour % 12 or 12} {'in the morning' if hour < 12 else 'in the afternoon' if hour < 18 else 'in the evening'}"

    @property
    def status(self) -> str:
        """The number on the error page, if it was one."""
        found = _STATUS.match(self.detail)
        return found[1] if found else ""

    @property
    def found(self) -> str:
        """What they found, as a sentence; empty where there was only an error page, or nothing."""
        if not self.detail or self.status or self.kind == "outage":
            return ""
        return f"What I saw: {self.detail}."


def seen_page(request: str) -> str:
    """The address in a request, as it stands in the bar of a browser: no method, no query, ids left out."""
    method, _, target = request.partition(" ")
    return "" if method == "MAIL" else target.partition("?")[0]
