"""Checks of what people and programs send. One ``Fields`` reads one form or one JSON object."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from tracker.errors import Invalid
from tracker.ids import PUBLIC_ID_PATTERN

MAX_INTEGER = 2**31 - 1
"""The largest integer that all our databases store in an INTEGER column."""

Value = TypeVar("Value")

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters except tab and line feed, and lone surrogates."""


class Fields:
    """Reads typed values and gathers what is wrong; ``finish`` raises it all at once.

    A value with a problem is returned as an empty one of its type, so that reading can go on.
    """

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._source = source
        self.problems: dict[str, str] = {}

    def has(self, name: str) -> bool:
        """Tell whether the field was sent at all."""
        return name in self._source

    def text(self, name: str, what: str, *, most: int, least: int = 1, lines: bool = False) -> str:
        """Read a text of ``least`` to ``most`` characters; ``lines`` allows more than one line."""
        value = self._source.get(name, "")
        if not isinstance(value, str):
            return self._wrong(name, f"{what} must be a text", "")
        value = clean(value) if lines else " ".join(clean(value).split())
        if len(value) < least:
            wanted = f"needs at least {least} characters" if least > 1 else "cannot be empty"
            return self._wrong(name, f"{what} {wanted}", "")
        if len(value) > most:
            return self._wrong(name, f"{what} can have at most {most} characters", "")
        return value

    def email(self, name: str, what: str) -> str:
        """Read an e-mail address, case-folded as we store it."""
        value = self.text(name, what, most=254)
        if value and not _EMAIL.fullmatch(value):
            return self._wrong(name, f"{what} does not look like an address", "")
        folded = value.casefold()
        return folded if len(folded) <= 254 else self._wrong(name, f"{what} is too long", "")

    def password(self, name: str, what: str) -> str:
        """Read a new password, exactly as typed."""
        value = self._source.get(name, "")
        if not isinstance(value, str) or not 8 <= len(value) <= 200:
            return self._wrong(name, f"{what} needs 8 to 200 characters", "")
        return value

    def choice(self, name: str, what: str, options: Collection[str], default: str) -> str:
        """Read one of ``options``; ``default`` when the field is absent or empty."""
        value = self._source.get(name) or default
        if not isinstance(value, str) or value not in options:
            return self._wrong(name, f"{what} must be one of {', '.join(options)}", default)
        return value

    def number(self, name: str, what: str, *, least: int, most: int = MAX_INTEGER) -> int:
        """Read an integer in a range."""
        value = self._source.get(name)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value.strip()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            return self._wrong(name, f"{what} must be a whole number from {least} to {most}", least)
        return value

    def flag(self, name: str, what: str) -> bool:
        """Read true or false."""
        value = self._source.get(name)
        return value if isinstance(value, bool) else self._wrong(name, f"{what} must be true or false", False)

    def day(self, name: str, what: str) -> date | None:
        """Read a date as YYYY-MM-DD, or nothing."""
        value = self._source.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        return self._wrong(name, f"{what} must be a date such as 2026-03-31", None)

    def reference(self, name: str, what: str) -> str | None:
        """Read the public id of something, or nothing; whether it exists is for the caller to see."""
        value = self._source.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and re.fullmatch(PUBLIC_ID_PATTERN, value):
            return value
        return self._wrong(name, f"{what} must be an id", None)

    def reject(self, name: str, problem: str) -> None:
        """Note a problem that the caller found."""
        self.problems.setdefault(name, problem)

    def finish(self) -> None:
        """Raise ``Invalid`` if anything was wrong."""
        if self.problems:
            raise Invalid(self.problems)

    def _wrong(self, name: str, problem: str, instead: Value) -> Value:
        self.reject(name, problem)
        return instead


def clean(text: str) -> str:
    """Normalise a text: one way to write each letter, one kind of line end, nothing invisible at the ends.

    Control characters and lone surrogates go: neither can be shown, and Postgres stores neither.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSTORABLE.sub("", text).strip()
