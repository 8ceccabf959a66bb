"""The reward stream as a distrustful trainer sees it: chain, signatures, and every amount against the ledger's entries."""

import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bus.messages.cloud import Isolation
from bus.messages.reward import RewardEntry, RewardStatus
from concern.verify.books import Fold
from concern.verify.journal import FILE, Heard
from concern.verify.report import Check, Report

PUBLIC_KEY = "reward.pub"


def check_reward(root: Path, stream: list[Heard], fold: Fold, isolation: Isolation, report: Report) -> None:
    """Check a whole reward family, in its order, against the fold; sets the report's reward.

    A voided episode stops in the middle of a tick: what the scorer told of entries that the journal did not get any more
    is checked for chain and signature only, and said so.
    """
    chain = _Chain(_public_key(root, stream, report), report)
    amounts = report.check("reward: each entry against the ledger")
    earning = [each for each in fold.entries if each.effect]
    told = unrecorded = 0
    for heard in stream:
        event = heard.delivered.event
        if not isinstance(event, (RewardEntry, RewardStatus)):
            continue
        chain.check(heard, event)
        amounts.equal(event.isolation, isolation, FILE, f"{heard.place}, isolation")
        if isinstance(event, RewardStatus):
            if event.state == "settled":
                _check_settled(heard, event, chain, told, fold, report)
            continue
        if told >= len(earning) and report.state == "voided":
            unrecorded += 1
        elif amounts.must(told < len(earning), FILE, heard.place, f"no ledger entry for {event.ledger_entry}"):
            source = earning[told]
            expected: dict[str, object] = {
                "ledger_entry": source.entry.entry,
                "amount": source.effect,
                "parts": source.parts,
                "tick": source.entry.tick,
                "reversal_of": source.entry.reversal_of,
                "sim_time": source.entry.at,
                "cause_id": source.heard.delivered.envelope.id,
                "actor": source.entry.actor,
                "action_id": source.entry.action,
            }
            found = _content(heard, event)
            for name, value in expected.items():
                amounts.equal(found[name], value, FILE, f"{heard.place}, {name}")
        told += 1
    if unrecorded:
        report.notes.append(f"the journal had ended before the ledger entries of the last {unrecorded} rewards")
    _check_ticks(stream, fold, report)
    report.entries = told


def _content(heard: Heard, event: RewardEntry) -> dict[str, object]:
    envelope = heard.delivered.envelope
    return {
        "ledger_entry": event.ledger_entry,
        "amount": event.amount,
        "parts": {part.account: part.amount for part in event.parts},
        "tick": event.tick,
        "reversal_of": event.reversal_of,
        "sim_time": envelope.sim_time,
        "cause_id": envelope.cause_id,
        "actor": event.cause.actor,
        "action_id": event.cause.action_id,
    }


class _Chain:
    """Follows the chain: place, hash of the message before, signature, and nothing after the last word."""

    def __init__(self, key: Ed25519PublicKey | None, report: Report) -> None:
        self.key = key
        self.index = 0
        self.head = "0" * 64
        self._over = False
        self._check = report.check("reward: chain and signatures")

    def check(self, heard: Heard, event: RewardEntry | RewardStatus) -> None:
        check, place = self._check, heard.place
        check.must(not self._over, FILE, place, "comes after the stream's last word")
        check.equal(event.index, self.index + 1, FILE, f"{place}, index")
        check.equal(event.prev_hash, self.head, FILE, f"{place}, prev_hash")
        check.must(self._signed(heard.fields), FILE, f"{place}, sig", "not signed by the world's key")
        self.index, self.head = event.index, hashlib.sha256(_canonical(heard.fields)).hexdigest()
        self._over = isinstance(event, RewardStatus) and event.state in ("settled", "voided")

    def _signed(self, fields: dict[str, Any]) -> bool:
        content = {name: value for name, value in fields.items() if name != "sig"}
        if self.key is None:
            return False
        try:
            self.key.verify(bytes.fromhex(fields["sig"]), _canonical(content))
        except (InvalidSignature, ValueError):
            return False
        return True


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _public_key(root: Path, stream: list[Heard], report: Report) -> Ed25519PublicKey | None:
    """The key in `reward.pub`, which must be the one in `started`, the first word of the chain."""
    check = report.check("reward: public key")
    statuses = [heard.delivered.event for heard in stream if isinstance(heard.delivered.event, RewardStatus)]
    started = statuses[0] if statuses else None
    told = started.public_key if started and started.state == "started" else None
    try:
        written = (root / PUBLIC_KEY).read_text(encoding="ascii").strip()
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(written))
    except (OSError, ValueError) as error:
        check.must(False, PUBLIC_KEY, "file", f"unreadable: {error}")
        return None
    if stream:
        check.equal(written, told, PUBLIC_KEY, "key, against `started`")
    return key


def _check_settled(heard: Heard, event: RewardStatus, chain: _Chain, told: int, fold: Fold, report: Report) -> None:
    check = report.check("reward: settlement")
    earned = -fold.total("revenue:", "cost:")
    expected = {
        "count": told,
        "sum": earned,
        "last_index": chain.index - 1,
        "sha256": event.prev_hash,
    }
    for name, value in expected.items():
        check.equal(getattr(event, name), value, FILE, f"{heard.place}, {name}")
    effects = [each for each in fold.entries if each.effect]
    check.equal(told, len(effects), FILE, f"{heard.place}, entries told before it")
    report.reward = event.sum


def _check_ticks(stream: list[Heard], fold: Fold, report: Report) -> None:
    """The rewards of a tick are the change in equity that the books tell, but for opening entries."""
    check: Check = report.check("reward: each tick against the change in equity")
    amounts = {
        event.ledger_entry: event.amount
        for event in (heard.delivered.event for heard in stream)
        if isinstance(event, RewardEntry)
    }
    begin, before = 0, 0
    for heard, books, end in fold.ticks:
        entries = [each.entry for each in fold.entries[begin:end]]
        opened = -sum(line.amount for entry in entries for line in entry.lines if line.account.startswith("equity:"))
        earned = sum(amounts.get(entry.entry, 0) for entry in entries)
        check.equal(earned, books.equity - before - opened, FILE, f"{heard.place}, reward of tick {books.tick}")
        begin, before = end, books.equity
