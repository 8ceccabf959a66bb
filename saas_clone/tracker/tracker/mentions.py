"""Who a comment speaks to: ``@Ada`` or ``@Ada Lovelace``, in any case."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from tracker.models import User
from tracker.search import fold

MOST = 20
"""Mentions of one comment that count."""
_AT = re.compile(r"(?<!\w)@(?=\w)")
_WORD = re.compile(r"\w")


def mentioned(body: str, members: Iterable[User]) -> list[User]:
    """Return the members that a text names: by the whole name, or by a first name that only one has."""
    text = fold(body)
    names = _names(members)
    found: dict[User, None] = {}
    for at in islice(_AT.finditer(text), MOST):
        named = [name for name in names if _stands(text, name, at.end())]
        if named:
            # The longest: "@Ada Lovelace" does not name Ada Byron too.
            found.update(dict.fromkeys(names[max(named, key=len)]))
    return list(found)


def _names(members: Iterable[User]) -> dict[str, Sequence[User]]:
    """Return who is meant by each name that means anybody. Namesakes all are."""
    whole: dict[str, list[User]] = {}
    first: dict[str, list[User]] = {}
    for member in members:
        words = fold(member.name).split()
        whole.setdefault(" ".join(words), []).append(member)
        first.setdefault(" ".join(words[:1]), []).append(member)
    return {**{name: users for name, users in first.items() if len(users) == 1}, **whole}


def _stands(text: str, name: str, at: int) -> bool:
    """Tell whether a text has this name at this place, and no longer word."""
    return text.startswith(name, at) and not _WORD.match(text, at + len(name))
