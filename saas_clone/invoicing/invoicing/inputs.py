"""Checks of what people and programs send. One ``Inputs`` reads one form or one JSON object."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from invoicing import money
from invoicing.refusals import Invalid
from invoicing.security import PUBLIC_ID

Value = TypeVar("Value")

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters except tab and line feed, and lone surrogates: nobody can show them."""


class Inputs:
    """Reads typed values and gathers what is wrong; ``finish`` raises all of it at once.

    A value with a problem is returned as an empty one of its type, so that reading goes on.
    """

    def __init__(self, source: Mapping[str, Any], prefix: str = "") -> None:
        self._source = source
        self._prefix = prefix
        self.problems: dict[str, str] = {}

    def has(self, name: str) -> bool:
        """Tell whether there is anything in the field."""
        return self._source.get(name) not in (None, "")

    def text(self, name: str, label: str, *, most: int = 200, least: int = 1, lines: bool = False) -> str:
        """Read a text; ``lines`` allows more than one."""
        value = self._source.get(name, "")
        if not isinstance(value, str):
            return self._wrong(name, f"{label} must be a text", "")
        value = clean(value) if lines else " ".join(clean(value).split())
        if len(value) < least:
            return self._wrong(name, f"{label} cannot be empty", "")
        if len(value) > most:
            return self._wrong(name, f"{label} can have at most {most} characters", "")
        return value

    def email(self, name: str, label: str, *, required: bool = True) -> str:
        """Read an address, case-folded."""
        value = self.text(name, label, most=254, least=1 if required else 0).casefold()
        if value and not _EMAIL.fullmatch(value):
            return self._wrong(name, f"{label} does not look like an address", "")
        return value

    def password(self, name: str, label: str) -> str:
        """Read a new password, exactly as typed."""
        value = self._source.get(name, "")
        if not isinstance(value, str) or not 8 <= len(value) <= 200:
            return self._wrong(name, f"{label} needs 8 to 200 characters", "")
        return value

    def choice(self, name: str, label: str, options: Collection[str], default: str) -> str:
        """Read one of ``options``."""
        value = self._source.get(name) or default
        if not isinstance(value, str) or value not in options:
            return self._wrong(name, f"{label} must be one of {', '.join(options)}", default)
        return value

    def whole(self, name: str, label: str, least: int, most: int, default: int) -> int:
        """Read a whole number in a range; ``default`` if there is none."""
        if not self.has(name):
            return default
        value = self._source[name]
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value.strip()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            return self._wrong(name, f"{label} must be a whole number from {least} to {most}", default)
        return value

    def decimal(self, name: str, label: str, places: int, least: int, most: int, default: int | None = None) -> int:
        """Read a decimal as an integer of ``places`` places. JSON sends a string: its numbers are floats to many."""
        if not self.has(name) and default is not None:
            return default
        value = self._source.get(name)
        number = money.parse(value, places) if isinstance(value, str) else None
        if number is None or not least <= number <= most:
            low, high = money.plain(least, places), money.plain(most, places)
            problem = f"{label} must be a number from {low} to {high} with at most {places} decimals"
            return self._wrong(name, problem, least)
        return number

    def cents(self, name: str, label: str, *, least: int = 0) -> int:
        """Read an amount of money."""
        return self.decimal(name, label, 2, least, money.MOST_CENTS)

    def rate(self, name: str, label: str, default: int | None = None) -> int:
        """Read a percentage, as hundredths of a percent."""
        return self.decimal(name, label, 2, 0, money.WHOLE_RATE, default)

    def flag(self, name: str, label: str) -> bool:
        """Read true or false; false if there is nothing."""
        value = self._source.get(name, False)
        return value if isinstance(value, bool) else self._wrong(name, f"{label} must be true or false", False)

    def day(self, name: str, label: str) -> date | None:
        """Read a date as YYYY-MM-DD, or nothing."""
        if not self.has(name):
            return None
        value = self._source[name]
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        return self._wrong(name, f"{label} must be a date such as 2026-03-31", None)

    def reference(self, name: str, label: str) -> str:
        """Read a public id; empty if there is none."""
        if not self.has(name):
            return ""
        value = self._source[name]
        if isinstance(value, str) and re.fullmatch(PUBLIC_ID, value):
            return value
        return self._wrong(name, f"{label} must be an id", "")

    def objects(self, name: str, label: str, most: int) -> list["Inputs"]:
        """Read a list of JSON objects, each with problems of its own; ``gather`` them before ``finish``."""
        value = self._source.get(name)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            return self._wrong(name, f"{label} must be a list of objects", [])
        if not 1 <= len(value) <= most:
            return self._wrong(name, f"{label} must have 1 to {most} entries", [])
        return [Inputs(each, f"{name}[{place}].") for place, each in enumerate(value)]

    def gather(self, other: "Inputs") -> None:
        """Take over the problems of a part."""
        self.problems.update(other.problems)

    def reject(self, name: str, problem: str) -> None:
        """Note a problem that the caller found."""
        self.problems.setdefault(self._prefix + name, problem)

    def finish(self) -> None:
        """Raise ``Invalid`` if anything was wrong."""
        if self.problems:
            raise Invalid(self.problems)

    def _wrong(self, name: str, problem: str, instead: Value) -> Value:
        self.reject(name, problem)
        return instead


def clean(text: str) -> str:
    """Normalise: one way to write each letter, one kind of line end, nothing invisible."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _INVISIBLE.sub("", text).strip()


def fold(text: str) -> str:
    """Return what searching compares: without case, compatibility forms made equal."""
    return unicodedata.normalize("NFKC", text).casefold()
