"""The seal of a finished run: digests of its files, signed with the reward's key, which is then destroyed.

Verification recomputes the record from its content; the seal beside it makes every byte count, also those that hold no
record (free space in a database, working tables). Once it is set, nobody can sign for this world's key again.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bus.journal import JOURNAL
from concern.verify.report import Report

SEAL = "seal.json"
SECRET = Path("scorer") / "reward.key"
FILES = (
    "world.json",
    "reward.pub",
    JOURNAL.as_posix(),
    "recorder/episode.json",
    "billing/ledger.db",
    "scorer/scorer.db",
)
"""What is sealed, where it exists."""


def seal_run(root: Path) -> bool:
    """Seal a run whose services have all ended. Returns False where there is no key: it is sealed, or never began."""
    secret = root / SECRET
    if not secret.is_file() or (root / SEAL).exists():
        return False
    files = {name: _digest(root / name) for name in FILES if (root / name).is_file()}
    key = Ed25519PrivateKey.from_private_bytes(secret.read_bytes())
    seal = {"version": 1, "files": files, "sig": key.sign(_content(files)).hex()}
    part = root / f"{SEAL}.part"
    part.write_bytes(orjson.dumps(seal, option=orjson.OPT_INDENT_2))
    part.replace(root / SEAL)
    secret.unlink()
    return True


def check_seal(root: Path, report: Report) -> None:
    """Compare the files with the seal. A run without one is noted: its services were not all seen to end."""
    if not (root / SEAL).is_file():
        report.notes.append("no seal: bytes that hold no record (free space, working tables) were not looked at")
        return
    check = report.check("seal: every byte of every file")
    try:
        seal: dict[str, Any] = orjson.loads((root / SEAL).read_bytes())
        files: dict[str, str] = dict(seal["files"])
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex((root / "reward.pub").read_text().strip()))
        key.verify(bytes.fromhex(seal["sig"]), _content(files))
    except (OSError, ValueError, KeyError, TypeError) as error:
        check.must(False, SEAL, "file", f"unreadable: {error}")
        return
    except InvalidSignature:
        check.must(False, SEAL, "sig", "not signed by the world's key")
        return
    for name in FILES:
        found = _digest(root / name) if (root / name).is_file() else None
        check.equal(found, files.get(name), name, "whole file, SHA-256")


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _content(files: dict[str, str]) -> bytes:
    return json.dumps(files, sort_keys=True, separators=(",", ":")).encode()
