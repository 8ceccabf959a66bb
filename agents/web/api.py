"""A customer's own program: speaks JSON to the product's API with a token."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from agents.web.browser import Visitor
from agents.web.failure import EXCERPT, Exchange, JourneyFailed
from agents.web.wire import CLIENT, MOMENT, BadAnswer, Door, Request, Response
from bus.messages.users import PainKind


@dataclass
class ApiClient:
    """One program. `call` raises `JourneyFailed` when the product does not do its part."""

    door: Door
    visitor: Visitor
    host: str
    token: str
    answer: Response = field(default_factory=lambda: Response(0, {}))
    exchange: Exchange = field(default_factory=lambda: Exchange("GET", "/", 0, ""))

    async def call(
        self,
        method: str,
        target: str,
        step: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (200,),
        pain: PainKind = "error",
        once: str = "",
    ) -> Any:
        """Send one request; returns the decoded answer, None if it is empty. `once` is its idempotency key."""
        sent = {
            "Host": self.host,
            CLIENT: self.visitor.address,
            MOMENT: self.visitor.moment(),
            "User-Agent": "python-requests/2.32.3",
            "Accept": "application/json",
            "Authorization": f"Bearer {self.token}",
            **(headers or {}),
        }
        if once:
            sent["Idempotency-Key"] = once
        if body is not None:
            sent["Content-Type"] = "application/json"
        data = b"" if body is None else orjson.dumps(body)
        try:
            self.answer = await self.door.send(Request(method, target, sent, data))
        except BadAnswer as error:
            self.exchange = Exchange(method, target, 0, str(error))
            raise self.failure("error", step, str(error)) from None
        status, edge_error = self.answer.status, self.answer.edge_error
        excerpt = self.answer.text[:EXCERPT] if status >= 400 else ""
        self.exchange = Exchange(method, target, status, excerpt, edge_error)
        if edge_error is not None:
            raise self.failure("outage", step, f"the service did not answer: {edge_error}")
        if status not in expect:
            raise self.failure(pain, step, f"status {status}")
        return self._decoded(step)

    def failure(self, kind: PainKind, step: str, detail: str, *, item: str | None = None) -> JourneyFailed:
        """The failure that the last exchange shows."""
        return JourneyFailed(kind, step, self.exchange, detail, item)

    def _decoded(self, step: str) -> Any:
        if not self.answer.body:
            return None
        try:
            return orjson.loads(self.answer.body)
        except orjson.JSONDecodeError:
            raise self.failure("error", step, "the answer is no JSON") from None
