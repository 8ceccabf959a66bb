"""Outgoing mail: each letter is one file in a pickup folder, from which the platform sends it.

The folder is a maildir: a file is written in ``tmp`` and renamed into ``new``; nobody ever reads half of one.
"""

import asyncio
import logging
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from tracker.ids import new_public_id, sign, signed_by
from tracker.models import now

_OUTGOING = "outgoing mail"
_UNSUBSCRIBE = "unsubscribe"
log = logging.getLogger("tracker.mail")


@dataclass(frozen=True)
class Letter:
    """A mail to one person, before we know how people reach us."""

    to: str
    subject: str
    text: str
    path: str = ""
    """A page of ours that the letter links to."""
    kind: str = ""
    """Of the preferences (``mail_preferences.KINDS``); such a letter has a link to unsubscribe."""
    reader: str = ""
    """Public id of the person, where there is a kind."""


def send_after_commit(session: AsyncSession, *letters: Letter) -> None:
    """Remember letters to hand over once what they tell of is stored for good."""
    session.info.setdefault(_OUTGOING, []).extend(letters)


def outgoing(session: AsyncSession) -> list[Letter]:
    """Return the letters that the committed session wants sent."""
    return session.info.pop(_OUTGOING, [])


@dataclass(frozen=True)
class Mail:
    """The way out: ``folder`` is the pickup folder, ``address`` how people reach us."""

    folder: Path
    address: str
    secret: str

    async def hand_over(self, letters: Sequence[Letter]) -> int:
        """Put letters into the pickup folder and return how many are there.

        It never fails: what people did is stored already, and the log says what could not be sent.
        """
        return await asyncio.to_thread(self._write_all, letters) if letters else 0

    def _write_all(self, letters: Iterable[Letter]) -> int:
        written = 0
        for letter in letters:
            try:
                self._write(self._compose(letter))
                written += 1
            except OSError as error:
                log.error("mail was not handed over", extra={"fields": {"reason": str(error)}})
            except (ValueError, HeaderParseError, MessageDefect) as error:
                log.warning("mail could not be composed", extra={"fields": {"reason": str(error)}})
        return written

    def _compose(self, letter: Letter) -> bytes:
        parts = [letter.text]
        if letter.path:
            parts.append(self.address + letter.path)
        message = EmailMessage(policy=SMTPUTF8)
        if letter.kind:
            leave = f"{self.address}/unsubscribe/{unsubscribe_token(self.secret, letter.reader, letter.kind)}"
            parts.append(f"-- \nYou get this because you use Tracker. No more of these: {leave}")
            message["List-Unsubscribe"] = f"<{leave}>"
        message["From"] = Address("Tracker", "no-reply", urlsplit(self.address).hostname or "localhost")
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{new_public_id()}.{time.monotonic_ns()}@tracker>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join(parts), cte="8bit")
        return bytes(message)

    def _write(self, content: bytes) -> None:
        # The monotonic clock first: names then sort in the order in which the letters were written.
        name = f"{time.monotonic_ns():020d}.{os.getpid()}.{new_public_id()}.eml"
        temporary = self.folder / "tmp" / name
        for folder in ("tmp", "new"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            temporary.rename(self.folder / "new" / name)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def unsubscribe_token(secret: str, reader: str, kind: str) -> str:
    """Return what lets whoever reads a letter end its kind for that person, and nothing else."""
    return f"{reader}.{kind}.{sign(secret, _UNSUBSCRIBE, f'{reader}.{kind}')}"


def read_unsubscribe_token(secret: str, token: str) -> tuple[str, str] | None:
    """Return whose mail of which kind a token ends, or ``None`` when it is not ours."""
    value, _, signature = token.rpartition(".")
    if not signed_by(secret, _UNSUBSCRIBE, value, signature):
        return None
    reader, _, kind = value.partition(".")
    return reader, kind
