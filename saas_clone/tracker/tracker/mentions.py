"""Who a comment speaks to: ``@Ada`` or ``@Ada Lovelace``, in any case."""

import re
from collections import Counter
from collections.abc import Iterable

from tracker.models import User
from tracker.search import fold

MOST = 20
"""People whom one comment can notify."""


def mentioned(body: str, members: Iterable[User]) -> list[User]:
    """Return the members that a text names: by the whole name, or by a first name that only one has."""
    text = fold(body)
    members = list(members)
    first_names = Counter(fold(member.name).split()[0] for member in members)
    found: list[User] = []
    # Longer names first, and each is taken out: "@Ada Lovelace" does not also name Ada Byron.
    for name in sorted({fold(member.name) for member in members}, key=lambda name: (-len(name), name)):
        text, count = re.subn(rf"(?<!\w)@{re.escape(name)}(?!\w)", " ", text)
        if count:
            found += (member for member in members if fold(member.name) == name)
    for member in members:
        first = fold(member.name).split()[0]
        alone = first_names[first] == 1 and member not in found
        if alone and re.search(rf"(?<!\w)@{re.escape(first)}(?!\w)", text):
            found.append(member)
    return found[:MOST]
