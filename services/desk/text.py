"""What people write, made fit to be stored and shown: data, never instructions, never control codes."""

import unicodedata

MAX_SUBJECT = 200
"""Characters of a subject or a title."""
MAX_CUSTOMER_BODY = 4_000
"""Characters kept of one message of a customer."""
MAX_COMPANY_BODY = 8_000
"""Characters that the company may write at once; more is refused, so that nothing is lost silently."""
CUT = " [cut]"

_KEPT = ("\n", "\t")
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
"""Unicode categories that a reader cannot see: control and format characters (escape codes, direction overrides)."""


def plain(text: str) -> str:
    """The text without characters that a reader cannot see; line ends become newlines."""
    joined = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in joined if char in _KEPT or unicodedata.category(char) not in _INVISIBLE)


def capped(text: str, length: int) -> str:
    """At most `length` characters of plain text; a cut is marked."""
    clean = plain(text).strip()
    return clean if len(clean) <= length else clean[: length - len(CUT)] + CUT


def one_line(text: str, length: int = MAX_SUBJECT) -> str:
    """Plain text on one line, for subjects and titles."""
    return capped(" ".join(plain(text).split()), length)
