"""Events handed over but not yet known to be stored: pure bookkeeping of one stream, no I/O.

Events are sent without waiting for one another. Each names its predecessor (`Nats-Expected-Last-Msg-Id`) as
long as that is unconfirmed, so the broker refuses whatever overtakes a lost one; then everything unconfirmed
is sent again, in order, under a new generation number, and answers to older generations no longer count.
Events that were stored after all are recognised by their id. The one event that names no predecessor is
always the oldest unconfirmed.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bus.transport.protocol import BusError

WRONG_LAST_ID = 10070
"""JetStream's error code for an unexpected predecessor."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event on its way."""

    subject: str
    data: bytes
    message_id: str


@dataclass(frozen=True, slots=True)
class Sending:
    """What to publish now: the event, the token that its answer must carry, and its headers."""

    parcel: Parcel
    token: str
    headers: dict[str, str]


class Unconfirmed:
    """The unconfirmed events of one family, in order."""

    def __init__(self, family: str) -> None:
        self._family = family
        self._waiting: deque[Parcel] = deque()
        self._generation = 0
        self._head = 0
        """Number, in this generation, of the oldest unconfirmed event."""
        self._last_seq: int | None = None
        self.added = 0
        """Events ever handed over."""

    @property
    def confirmed(self) -> int:
        """Events known to be stored, counted from the first."""
        return self.added - len(self._waiting)

    def add(self, parcel: Parcel) -> Sending:
        """Take in one event; it must be sent before the next is added."""
        self._waiting.append(parcel)
        self.added += 1
        return self._sending(len(self._waiting) - 1)

    def again(self) -> list[Sending]:
        """Everything unconfirmed, to be sent again in this order."""
        self._generation += 1
        self._head = 0
        return [self._sending(index) for index in range(len(self._waiting))]

    def answered(self, token: str, answer: Mapping[str, Any]) -> bool:
        """Take in the broker's answer to one sending; true if everything unconfirmed must be sent again.

        Raises `BusError` if the event was refused, or stored behind somebody else's.
        """
        generation, number = (int(part) for part in token.split("."))
        if generation != self._generation:
            return False
        error = answer.get("error")
        if error is not None:
            if error.get("err_code") == WRONG_LAST_ID:
                return True
            raise BusError(f"stream {self._family!r} refused an event: {error.get('description', error)}")
        if number != self._head:
            return True  # the answer to an earlier one was lost with its connection
        self._confirm(int(answer["seq"]), duplicate=bool(answer.get("duplicate")))
        return False

    def _confirm(self, seq: int, *, duplicate: bool) -> None:
        self._waiting.popleft()
        self._head += 1
        if duplicate and (self._last_seq is None or seq <= self._last_seq):
            return  # published before this connection, or twice
        if self._last_seq is not None and seq != self._last_seq + 1:
            raise BusError(
                f"stream {self._family!r}: position {seq} after {self._last_seq}; somebody else writes to it"
            )
        self._last_seq = seq

    def _sending(self, index: int) -> Sending:
        parcel = self._waiting[index]
        headers = {"Nats-Msg-Id": parcel.message_id}
        if index:
            headers["Nats-Expected-Last-Msg-Id"] = self._waiting[index - 1].message_id
        return Sending(parcel, f"{self._generation}.{self._head + index}", headers)
