"""Reads the pickup folder of outgoing mail, as the platform does."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from yarl import URL

from tracker.services import Services


def sent(services: Services, to: str = "") -> list[EmailMessage]:
    """Return the letters in the order in which they were handed over: all, or those to one address."""
    files = sorted((services.mail.folder / "new").glob("*.eml"))
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [letter for letter in letters if to in ("", letter["To"])]


def text_of(letter: EmailMessage) -> str:
    """Return what a letter says."""
    return str(letter.get_content())


def link_in(letter: EmailMessage, place: str) -> str:
    """Return the path of the letter's link to pages below ``place``."""
    found = re.search(rf"https?://\S+{place}\S*", text_of(letter))
    assert found, text_of(letter)
    return URL(found[0]).path
