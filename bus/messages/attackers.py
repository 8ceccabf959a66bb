"""What attackers tried and what came of it. Owner: attackers. Hidden from the operator."""

from typing import Literal

from bus.messages.base import Event


class AttemptEnded(Event):
    """One attack on the running product, seen from the attacker's side."""

    type: Literal["attackers.attempt.ended/1"] = "attackers.attempt.ended/1"
    attacker: str
    kind: Literal["guess_password", "read_foreign", "write_foreign", "scrape"]
    address: str
    requests: int
    outcome: Literal["refused", "blocked", "throttled", "failed", "succeeded"]
    """`blocked` by the edge, `throttled` or `refused` by the product, `failed` for want of a service."""
    victim: str | None = None
    """The customer whose data was taken, when it succeeded."""
    records: int = 0
    """How many of the victim's records were taken that were not taken before."""
    request: str = ""
    response: str = ""
