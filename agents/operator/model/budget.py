"""How much a model may use: tokens, money and simulated time. Kept by the trusted host; nothing in a harness reaches it. Pure."""

from dataclasses import dataclass

from bus.messages.reward import Usage
from bus.money import Micros, dollars, share
from bus.scenario import Scenario
from bus.simtime import HOUR, SECOND

LEAST_REPLY = 64
"""Tokens below which an answer is not worth asking for."""


class OutOfBudget(Exception):
    """The next call cannot be paid; the text says of what there is no more."""


@dataclass
class Budget:
    """What is left of each."""

    token_price: Micros
    """For a thousand."""
    thousand_ms: int
    """Simulated time for a thousand."""
    tokens: int | None = None
    money: Micros | None = None
    thinking_ms: int | None = None
    used: int = 0
    thought_ms: int = 0

    @classmethod
    def of(cls, scenario: Scenario) -> "Budget":
        """The budget that a scenario gives."""
        section = scenario.operator
        hours = section.budget_thinking_hours
        return cls(
            scenario.billing.token_price,
            section.seconds_per_thousand_tokens * SECOND,
            section.budget_tokens,
            section.budget_money,
            None if hours is None else round(hours * HOUR),
        )

    @property
    def spent(self) -> Micros:
        """What the tokens cost so far."""
        return share(self.token_price, self.used, 1000)

    @property
    def left(self) -> int | None:
        """Tokens that may still be used, by number and by price."""
        by_money = None
        if self.money is not None and self.token_price > 0:
            by_money = max(0, self.money - self.spent) * 1000 // self.token_price
        return min((one for one in (self._unused, by_money) if one is not None), default=None)

    def take(self, usage: Usage, read_before: int) -> None:
        """One call was answered."""
        tokens = usage.prompt_tokens + usage.completion_tokens
        self.used += tokens
        self.thought_ms += max(0, tokens - read_before) * self.thousand_ms // 1000

    def reply(self, prompt: int, most: int) -> int:
        """Tokens that an answer to a prompt may have."""
        return most if self.left is None else min(most, self.left - prompt)

    def exhausted(self, prompt: int) -> str | None:
        """Why a prompt of so many tokens can no longer be paid, or None."""
        if self.thinking_ms is not None and self.thought_ms >= self.thinking_ms:
            return f"{self.thinking_ms / HOUR:g} simulated hours of thinking are used up"
        if self.reply(prompt, LEAST_REPLY) < LEAST_REPLY:
            return f"{self.used} tokens are used, for {dollars(self.spent)}: the next call would go beyond the budget"
        return None

    @property
    def _unused(self) -> int | None:
        return None if self.tokens is None else max(0, self.tokens - self.used)
