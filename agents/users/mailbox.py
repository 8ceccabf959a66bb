"""A person's mailbox: letters that the product sent, as the mail relay of the cloud delivered them."""

import re
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from urllib.parse import urlsplit

from agents.users.nonces import stranger
from agents.web.failure import EXCERPT, Exchange, JourneyFailed
from bus.messages.cloud import Mail, Mailbox

Post = Callable[[str, int], Awaitable[Mailbox]]
"""Asks for what came to an address since a cursor."""
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass
class Inbox:
    """A mailbox that somebody has open; it notices what belongs to strangers, as their browser does."""

    post: Post
    address: str
    tag: str
    """Of the customer."""
    tags: Container[str]
    """Of all customers."""
    cursor: int = 0

    async def new(self) -> tuple[Mail, ...]:
        """What has come since the last look, in order."""
        found = await self.post(self.address, self.cursor)
        self.cursor = found.cursor
        for mail in found.mails:
            foreign = stranger(f"{mail.subject} {mail.text}", self.tag, self.tags)
            if foreign is not None:
                detail = "there is something of another company in a mail"
                raise JourneyFailed("foreign_item", "read the mail", evidence(mail), detail, foreign)
        return found.mails

    async def link(self, place: str, step: str) -> str:
        """The path of the first link to pages below `place` in the mail that has just come; it must have come."""
        mails = await self.new()
        for mail in reversed(mails):
            for found in _LINK.finditer(mail.text):
                path = urlsplit(found[0]).path
                if path.startswith(place):
                    return path
        shown = evidence(mails[-1]) if mails else Exchange("MAIL", place, 0, "")
        raise JourneyFailed("error", step, shown, "there is no link in the mail" if mails else "no mail has come")


def evidence(mail: Mail) -> Exchange:
    """A letter as an exchange that shows what went wrong."""
    return Exchange("MAIL", mail.subject, 0, " ".join(mail.text.split())[:EXCERPT])
