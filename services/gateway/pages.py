"""Long answers, cut into pages that stay within the size of one answer."""

from collections import OrderedDict
from dataclasses import dataclass, field

import orjson

from bus.messages.base import Part, Refused

MAX_CONTENT = 16_000
"""Bytes of one answer's content."""
_ROOM = 400
"""Bytes left for what stands around a page's text."""
KEPT = 20
"""Long answers that can still be paged through."""


class Page(Part):
    """A part of an answer that is too long for one; the texts of all pages together are the answer's JSON."""

    answer: str
    page: int
    """Counted from 1."""
    pages: int
    text: str
    next: str | None
    """What to call for the next page."""


@dataclass
class Pages:
    """The long answers of late."""

    kept: OrderedDict[str, list[str]] = field(default_factory=OrderedDict[str, list[str]])

    def content(self, answer: str, reply: Part) -> str:
        """A reply as JSON; if that is too long, its first page."""
        text = reply.model_dump_json()
        if len(text.encode()) <= MAX_CONTENT:
            return text
        self.kept[answer] = split(text, MAX_CONTENT - _ROOM)
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return self._page(answer, 1).model_dump_json()

    def page(self, answer: str, number: int) -> Page | Refused:
        """A page of an answer that was given before."""
        if answer not in self.kept:
            return Refused(
                code="no_answer",
                detail=f"no long answer {answer[:80]!r}; the last {KEPT} are kept. Call the tool again",
            )
        if not 1 <= number <= len(self.kept[answer]):
            return Refused(code="no_page", detail=f"there are pages 1 to {len(self.kept[answer])}")
        return self._page(answer, number)

    def _page(self, answer: str, number: int) -> Page:
        texts = self.kept[answer]
        following = f'job(job="{answer}", page={number + 1})' if number < len(texts) else None
        return Page(answer=answer, page=number, pages=len(texts), text=texts[number - 1], next=following)


def split(text: str, budget: int) -> list[str]:
    """Parts of a text, each at most `budget` bytes as a JSON string."""
    parts: list[str] = []
    start = 0
    while start < len(text):
        length = min(budget, len(text) - start)
        while len(orjson.dumps(text[start : start + length])) > budget:
            length = length * 3 // 4
        parts.append(text[start : start + length])
        start += length
    return parts
