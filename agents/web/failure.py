"""How a session fails: what hurt, at which step, and the exchange that shows it."""

from dataclasses import dataclass

from bus.messages.users import PainKind

EXCERPT = 240
"""Characters of an answer that are kept as evidence."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, as evidence. Status 0: no acceptable answer came."""

    method: str
    target: str
    status: int
    excerpt: str
    edge_error: str | None = None

    @property
    def request(self) -> str:
        return f"{self.method} {self.target}"

    @property
    def response(self) -> str:
        own = f" (edge: {self.edge_error})" if self.edge_error else ""
        return f"{self.status}{own} {self.excerpt}".strip()


class JourneyFailed(Exception):
    """A session ends here: the product did not do what it had promised."""

    def __init__(self, kind: PainKind, step: str, exchange: Exchange, detail: str, item: str | None = None) -> None:
        super().__init__(f"{kind} at {step!r}: {detail} ({exchange.request} -> {exchange.status})")
        self.kind: PainKind = kind
        self.step = step
        self.exchange = exchange
        self.detail = detail
        self.item = item
        """Nonce of the stored thing that is concerned."""
