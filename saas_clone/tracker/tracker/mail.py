"""Outgoing mail: each letter is one file in a pickup folder, from which the platform sends it.

The folder is a maildir: a file is written in ``tmp`` and renamed into ``new``; nobody ever reads half of one.
"""

import asyncio
import logging
import os
import re
import time
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from tracker.ids import new_public_id, sign, signed_by
from tracker.models import now

PATIENCE_SECONDS = 10.0
"""How long people wait for a slow disk; the letters may still be written after that."""
_OUTGOING = "outgoing mail"
_UNSUBSCRIBE = "unsubscribe"
_PLAIN_ADDRESS = re.compile(r"""[^\s\x00-\x1f\x7f,;:<>()\[\]"\\@]+@[^\s\x00-\x1f\x7f,;:<>()\[\]"\\@]+""")
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
    decoy: bool = False
    """Written and thrown away, so that it takes the same time as a letter that is sent."""


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
        if not letters:
            return 0
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.to_thread(self._write_all, letters)
        except TimeoutError:
            log.error("mail takes long to be handed over", extra={"fields": {"letters": len(letters)}})
            return 0

    def _write_all(self, letters: Iterable[Letter]) -> int:
        written = 0
        for letter in letters:
            try:
                self._write(self._compose(letter), decoy=letter.decoy)
                written += 1
            except OSError as error:
                log.error("mail was not handed over", extra={"fields": {"reason": str(error)}})
            except ValueError as error:
                log.warning("mail could not be composed", extra={"fields": {"reason": str(error)}})
        return written

    def _compose(self, letter: Letter) -> bytes:
        parts = [letter.text]
        if letter.path:
            parts.append(self.address + letter.path)
        extra: dict[str, str] = {}
        if letter.kind:
            leave = f"{self.address}/unsubscribe/{unsubscribe_token(self.secret, letter.reader, letter.kind)}"
            parts.append(f"-- \nYou get this because you use Tracker. No more of these: {leave}")
            extra = {"List-Unsubscribe": f"<{leave}>"}
        host = urlsplit(self.address).hostname or "localhost"
        headers = {
            "From": f"Tracker <no-reply@{host}>",
            "To": _checked(letter.to),
            "Subject": _words(letter.subject),
            "Date": format_datetime(now()),
            "Message-ID": f"<{new_public_id()}.{new_public_id()}@{host}>",
            "Auto-Submitted": "auto-generated",
            **extra,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "quoted-printable",
        }
        # By hand: Python's EmailMessage takes a millisecond, and a digest goes to everybody.
        head = "".join(f"{name}: {value}\n" for name, value in headers.items())
        body = b2a_qp("\n\n".join(parts).encode() + b"\n", istext=True)
        return (head.encode() + b"\n" + body).replace(b"\n", b"\r\n")

    def _write(self, content: bytes, *, decoy: bool) -> None:
        # The monotonic clock first: names then sort in the order in which the letters were written.
        name = f"{time.monotonic_ns():020d}.{os.getpid()}.{new_public_id()}.eml"
        temporary = self.folder / "tmp" / name
        for folder in ("tmp", "new"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            if decoy:
                temporary.unlink()
            else:
                temporary.rename(self.folder / "new" / name)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def _checked(address: str) -> str:
    """Return an address that can be only one, and nothing but an address."""
    if not _PLAIN_ADDRESS.fullmatch(address):
        raise ValueError("the address has characters that mean something else in a mail")
    return address


def _words(text: str) -> str:
    """Return a header's text on one line, or encoded, which may fold it."""
    text = " ".join(text.split())
    return text if text.isascii() else Header(text, "utf-8", header_name="Subject").encode()


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
