"""Who gets through the edge, and to which instance. Pure; simulated time and addresses come in as arguments."""

import ipaddress
import zlib
from collections.abc import Sequence
from typing import Literal

from bus.simtime import MINUTE, SimTime

MAX_CLIENTS = 100_000
"""Addresses remembered; beyond it the memory starts anew."""


class Firewall:
    """Blocked addresses, networks and paths."""

    def __init__(self, rules: Sequence[str] = ()) -> None:
        self.rules = tuple(rules)
        self._paths = tuple(rule.encode() for rule in rules if rule.startswith("/"))
        self._networks = [ipaddress.ip_network(rule) for rule in rules if not rule.startswith("/")]
        self._known: dict[str, bool] = {}

    def blocks(self, client: str, target: bytes) -> bool:
        """Whether a request of this client for this target is refused."""
        if self._paths and target.startswith(self._paths):
            return True
        if not self._networks:
            return False
        if client not in self._known:
            if len(self._known) >= MAX_CLIENTS:
                self._known.clear()
            self._known[client] = self._inside(client)
        return self._known[client]

    def _inside(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class RateLimit:
    """At most so many requests of one client in one simulated minute.

    Counted per client and minute, so that no order between clients can change who is refused.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._counts: dict[tuple[str, int], int] = {}
        self._newest = 0

    def allows(self, client: str, at: SimTime) -> bool:
        """Count a request; False when it is one too many."""
        if self.per_minute == 0:
            return True
        minute = at // MINUTE
        if minute > self._newest + 60 or len(self._counts) >= MAX_CLIENTS:
            self._counts.clear()
        self._newest = max(self._newest, minute)
        count = self._counts[client, minute] = self._counts.get((client, minute), 0) + 1
        return count <= self.per_minute


Policy = Literal["least_connections", "round_robin", "sticky"]


class Balancer:
    """Chooses an instance.

    Each client's own requests go round the instances in turn (or, `sticky`, always to the same one), whatever other
    clients do at the same time: which instance serves a request must not hang on the order in which real packets
    arrive. What `least_connections` is better at shows in the queue model, where everybody's load is.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._turns: dict[str, int] = {}

    def choose(self, client: str, instances: int) -> int:
        """The index of one of `instances` (at least one)."""
        start = zlib.crc32(client.encode())
        if self.policy == "sticky":
            return start % instances
        if len(self._turns) >= MAX_CLIENTS:
            self._turns.clear()
        turn = self._turns[client] = self._turns.get(client, -1) + 1
        return (start + turn) % instances
