"""Letters that a product has put into its mail folder."""

from email import message_from_bytes, policy
from pathlib import Path

from catalog.checking import Letter

MAX_BYTES = 256 * 1024


def letters_in(folder: Path) -> list[Letter]:
    """All `.eml` files, in order of their names; links and huge files are no letters."""
    files = [file for file in sorted(folder.glob("*.eml")) if file.is_file() and not file.is_symlink()]
    return [_read(file.read_bytes()) for file in files if file.stat().st_size <= MAX_BYTES]


def _read(raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    addresses = tuple(address.strip() for address in str(message.get("to", "")).split(","))
    body = message.get_body(("plain", "html"))
    return Letter(addresses, str(message.get("subject", "")), body.get_content() if body is not None else "")
