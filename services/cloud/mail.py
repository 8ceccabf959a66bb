"""The cloud's mail relay: from the product's pickup folder into the mailboxes of the world.

Letters come from the operator's code. They are read tolerantly, with Python's own parser and no code of the product;
what cannot be read is counted and dropped. Mailboxes belong to people: the operator learns only how many letters went.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from bus.messages.cloud import Mail, Mailbox
from bus.simtime import SimTime
from services.cloud.pickup import Taken

LETTERS_PER_TICK = 10_000
"""More are dropped, as a provider does with a sudden flood."""
RECIPIENTS = 20
TEXT_CHARS = 20_000
HEADER_CHARS = 1_000
PARTS = 50
"""Parts of a letter in which its text is looked for."""
ANSWER_CHARS = 200_000
"""Of one answer; older letters are left out."""
KEPT_LETTERS = 100_000
KEPT_CHARS = 32 << 20
"""Of all mailboxes together; above either the oldest letters are forgotten."""
_ADDRESS = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,190}")


@dataclass
class Mailboxes:
    """What has come to every address, in the order in which it came."""

    boxes: dict[str, deque[tuple[int, Mail]]] = field(default_factory=dict[str, deque[tuple[int, Mail]]])
    arrivals: deque[tuple[str, int]] = field(default_factory=deque[tuple[str, int]])
    """Address and weight of each letter, the oldest first."""
    count: int = 0
    """Letters that ever came: the number of the last one."""
    chars: int = 0

    def deliver(self, mail: Mail) -> None:
        """Put a letter into the box of its address."""
        self.count += 1
        self.boxes.setdefault(mail.to, deque()).append((self.count, mail))
        self.arrivals.append((mail.to, weight(mail)))
        self.chars += weight(mail)
        while self.chars > KEPT_CHARS or len(self.arrivals) > KEPT_LETTERS:
            address, gone = self.arrivals.popleft()
            self.chars -= gone
            self.boxes[address].popleft()
            if not self.boxes[address]:
                del self.boxes[address]

    def since(self, address: str, cursor: int) -> Mailbox:
        """What came to an address after a cursor, and the cursor after that."""
        found: deque[Mail] = deque()
        room = ANSWER_CHARS
        for number, mail in reversed(self.boxes.get(address.casefold(), deque())):
            room -= weight(mail)
            if number <= cursor or room < 0:
                break
            found.appendleft(mail)
        return Mailbox(mails=tuple(found), cursor=self.count)


def weight(mail: Mail) -> int:
    """Characters of a letter."""
    return len(mail.text) + len(mail.subject) + len(mail.sender)


@dataclass
class Relay:
    """Empties the pickup folder whenever somebody wants to know, and at the end of each tick."""

    take: Callable[[int], Taken]
    """Empties the folder: returns at most so many letters."""
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    sent: int = 0
    dropped: int = 0
    """Of the whole episode."""
    in_tick: int = 0
    """Sent since the last metering."""

    def collect(self, now: SimTime) -> None:
        """Deliver what lies there."""
        taken = self.take(LETTERS_PER_TICK - self.in_tick)
        self.dropped += taken.dropped
        for raw in taken.letters:
            mails = list(read(raw, now))
            if mails:
                self.sent += 1
                self.in_tick += 1
            else:
                self.dropped += 1
            for mail in mails:
                self.mailboxes.deliver(mail)

    def metered(self) -> int:
        """Letters sent in the tick that ends."""
        count, self.in_tick = self.in_tick, 0
        return count


def read(raw: bytes, now: SimTime) -> Iterator[Mail]:
    """The letter as each of its recipients gets it; none if it cannot be read or goes to nobody."""
    try:
        message = message_from_bytes(raw)
        recipients = _recipients(message)
        subject, sender, text = _header(message, "Subject"), _header(message, "From"), _text(message)
    except Exception:  # a boundary: hostile bytes find the parser's own faults, which are of many types
        return
    for address in recipients:
        yield Mail(sender=sender, to=address, subject=subject, text=text, sent_at=now)


def _recipients(message: Message) -> list[str]:
    fields = [*_raw(message, "To"), *_raw(message, "Cc")]
    found = [address.casefold() for _, address in getaddresses(fields[:RECIPIENTS])]
    return list(dict.fromkeys(address for address in found if _ADDRESS.fullmatch(address)))[:RECIPIENTS]


def _header(message: Message, name: str) -> str:
    for value in _raw(message, name):
        parts = [part if isinstance(part, str) else _decoded(part, charset) for part, charset in decode_header(value)]
        return _plain(" ".join("".join(parts).split()))
    return ""


def _raw(message: Message, name: str) -> list[str]:
    """A header's values as they were written, UTF-8 too."""
    return [
        str(value).encode("ascii", "surrogateescape").decode("utf-8", "replace")[:HEADER_CHARS]
        for key, value in message.raw_items()
        if key.lower() == name.lower()
    ]


def _text(message: Message) -> str:
    """The first plain text of a letter, else nothing."""
    for number, part in enumerate(message.walk()):
        if number >= PARTS:
            break
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return _plain(_decoded(payload, part.get_content_charset()))[:TEXT_CHARS]
    return ""


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except LookupError:  # no such charset
        return content.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """Text that any encoder takes: no lone surrogates."""
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")
