"""Messages to bytes and back. Both transports carry exactly these bytes.

An event on the wire is one flat JSON object: the envelope's fields and the event's. A command carries `id`, `episode`,
`sender`, `sim_time` and `known`; an answer is `{"ok": …}` or `{"refused": …}` with the answerer's `known`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

import orjson
from pydantic import ValidationError

from bus.ids import EpisodeId
from bus.messages import COMMANDS, EVENTS
from bus.messages.base import Command, Delivered, Envelope, Event, Part, Refused
from bus.messages.users import Columns
from bus.simtime import SimTime

MAX_BYTES = 1_000_000
"""Largest message: a little under the broker's default payload limit of 1 MiB."""

_REMEMBERED = 64
"""Events last read that are not read again: what one stage says, and a few more."""
_ENVELOPE_FIELDS = frozenset(Envelope.model_fields)


class MalformedMessage(ValueError):
    """Bytes that are no message of ours; the text says why. The receiver rejects them and goes on."""


class RequestHead(Part):
    """What stands on every command beside its content."""

    id: str
    episode: EpisodeId
    sender: str
    sim_time: SimTime


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as the service gets it."""

    head: RequestHead
    command: Command[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the asker gets it, with what the answerer knew to have been said (see `Context`)."""

    reply: Part | Refused
    known: dict[str, int]


M = TypeVar("M", bound=Part)
_HEAD_FIELDS = frozenset(RequestHead.model_fields)


def encode_event(envelope: Envelope, event: Event) -> bytes:
    """One event as JSON. `ValueError` if it is larger than `MAX_BYTES`."""
    if isinstance(event, Columns):  # flat, and said by the thousand: the same bytes in a fifth of the time
        return _dump({**envelope.__dict__, **event.__dict__}, event.type_name())
    head, body = envelope.model_dump_json(), event.model_dump_json()
    return _bounded(f"{head[:-1]},{body[1:]}".encode(), event.type_name())


@lru_cache(maxsize=_REMEMBERED)
def decode_event(data: bytes) -> Delivered:
    """The event in some bytes. `MalformedMessage` says what is wrong with them.

    A process may host a dozen hearers of one event: they share what the first one read, which nobody can change.
    """
    fields = _load(data)
    model = EVENTS.get(str(fields.get("type")))
    if model is None:
        raise MalformedMessage(f"unknown event type {fields.get('type')!r}")
    head = {name: fields.pop(name) for name in _ENVELOPE_FIELDS & fields.keys()}
    return Delivered(_validate(Envelope, head), _validate(model, fields))


def encode_command(head: RequestHead, command: Command[Any]) -> bytes:
    """One command as JSON."""
    return _dump(head.model_dump() | command.model_dump(mode="json"), command.type_name())


def decode_command(data: bytes) -> Asked:
    """The command in some bytes. `MalformedMessage` says what is wrong with them."""
    fields = _load(data)
    model = COMMANDS.get(str(fields.get("type")))
    if model is None:
        raise MalformedMessage(f"unknown command type {fields.get('type')!r}")
    head = {name: fields.pop(name) for name in _HEAD_FIELDS & fields.keys()}
    return Asked(_validate(RequestHead, head), _validate(model, fields))


def encode_answer(answer: Answer) -> bytes:
    """An answer as JSON."""
    key = "refused" if isinstance(answer.reply, Refused) else "ok"
    return _dump({key: answer.reply.model_dump(mode="json"), "known": answer.known}, key)


def decode_answer(data: bytes, reply: type[Part]) -> Answer:
    """The answer in some bytes; `reply` is the model of a good one. `MalformedMessage` if it is neither."""
    fields = _load(data)
    known = fields.get("known")
    if not isinstance(known, dict):
        raise MalformedMessage("an answer must say what its sender knows")
    model = Refused if "refused" in fields else reply
    body = _validate(model, fields.get("refused", fields.get("ok")))
    return Answer(body, {str(key): int(value) for key, value in cast("dict[str, int]", known).items()})


def _dump(fields: dict[str, Any], name: str) -> bytes:
    return _bounded(orjson.dumps(fields), name)


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise ValueError(f"{name} is {len(data)} bytes; at most {MAX_BYTES} fit into a message")
    return data


def _load(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise MalformedMessage(f"{len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedMessage(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise MalformedMessage("not a JSON object")
    return cast("dict[str, Any]", fields)


def _validate(model: type[M], fields: object) -> M:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "(message)"
        raise MalformedMessage(f"{model.__name__}: {where}: {first['msg']}") from error
