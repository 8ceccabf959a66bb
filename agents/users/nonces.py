"""References that customers write into what they store, such as `k7fqab-3f9a2b`: who sees one knows whose it is.

The first half names the customer, so a reference in a stranger's page shows a leak. They look like any company's own
numbering, and everybody uses them, executed or not.
"""

import re
from collections.abc import Container

from bus.chance import Chance

_REFERENCE = re.compile(r"-(?<=\b([a-z2-7]{6})-)([0-9a-f]{6})\b")
"""Begins with the rare hyphen: every page is searched, and this is ten times as fast as reading from the left."""
TAG = 6


def tag_of(customer: str) -> str:
    """The half that names a customer."""
    return customer[-TAG:]


def reference(customer: str, chance: Chance, *name: str | int) -> str:
    """A reference of that customer, drawn from the stream of that name."""
    return f"{tag_of(customer)}-{chance.token('users', 'reference', customer, *name, length=6)}"


def references(text: str, tag: str) -> set[str]:
    """The references of one customer in a text."""
    return {f"{tag}-{found[2]}" for found in _REFERENCE.finditer(text) if found[1] == tag}


def stranger(text: str, own: str, known: Container[str]) -> str | None:
    """The first reference in a text that belongs to another known customer."""
    for found in _REFERENCE.finditer(text):
        if found[1] != own and found[1] in known:
            return f"{found[1]}-{found[2]}"
    return None
