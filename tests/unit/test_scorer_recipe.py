"""The recipe of docs/reward.md, as it stands there: json, hashlib and cryptography are enough to check a stream."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.exceptions import InvalidSignature
from scorer_stream import EPISODE, chain, draft

from bus.codec import encode_event
from bus.messages.base import Delivered
from bus.messages.clock import Control
from services.scorer.signing import public_hex

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reward.md"
Recipe = Callable[[list[bytes], str], int | None]


def recipe() -> Recipe:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert set(re.findall(r"^(?:from|import) (\w+)", code, re.MULTILINE)) == {"hashlib", "json", "cryptography"}
    names: dict[str, Any] = {}
    exec(code, names)
    return cast("Recipe", names["check"])


def wire(said: list[Delivered]) -> list[bytes]:
    return [encode_event(each.envelope, each.event) for each in said]


def settled_stream() -> tuple[list[bytes], str]:
    made = chain()
    said = [made.started(0), *(made.entry(draft(number, 1000 - 300 * number)) for number in range(6))]
    said += made.closed(9, Control(state="ending", outcome="truncated"))
    return wire(said), public_hex(made.key)


def test_a_good_stream_gives_its_sum() -> None:
    stream, key = settled_stream()
    assert recipe()(stream, key) == 6 * 1000 - 300 * 15


def test_a_voided_stream_gives_none() -> None:
    made = chain()
    said = [made.started(0), made.entry(draft(1, 5)), made.voided(3, "service_died", "cloud: “disk full”")]
    assert recipe()(wire(said), public_hex(made.key)) is None


@pytest.mark.parametrize("field", ["amount", "tick", "sim_time", "episode", "cause_id", "kind", "isolation", "shaped"])
def test_every_field_is_signed(field: str) -> None:
    stream, key = settled_stream()
    said = json.loads(stream[3])
    said[field] = said[field] + 1 if isinstance(said[field], int) else "other"
    stream[3] = json.dumps(said).encode()
    with pytest.raises(InvalidSignature):
        recipe()(stream, key)


def test_missing_repeated_and_foreign_messages_are_noticed() -> None:
    stream, key = settled_stream()
    check = recipe()
    for wrong in (stream[:3] + stream[4:], stream[:4] + stream[3:], stream[1:]):
        with pytest.raises(ValueError, match="missing"):
            check(wrong, key)
    with pytest.raises(ValueError, match="no last word"):
        check(stream[:-1], key)
    other, _ = settled_stream()
    with pytest.raises(InvalidSignature):
        check([*stream[:4], other[4], *stream[5:]], key)


def test_the_episode_is_in_what_is_signed() -> None:
    stream, _ = settled_stream()
    assert all(json.loads(data)["episode"] == EPISODE for data in stream)
