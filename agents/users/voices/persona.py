"""A person at a keyboard: role, mood and habits, drawn once, and the phrases that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from bus.chance import Chance

Mood = Literal["warm", "brisk", "worried", "cross"]

_ROLES = (
    "office manager", "project lead", "owner", "assistant", "team lead", "bookkeeper", "head of operations", "designer",
    "coordinator", "developer",
)  # fmt: skip
_MOODS: tuple[Mood, ...] = ("warm", "brisk", "brisk", "worried", "cross")
_GREETINGS: dict[Mood, Sequence[str]] = {
    "warm": ("Hi there,", "Hello,", "Hi team,", "Good morning,"),
    "brisk": ("Hi,", "Hello.", ""),
    "worried": ("Hello,", "Dear support,", "Hi, I hope you can help."),
    "cross": ("Hello.", "", "To whom it may concern,"),
}
_CLOSINGS: dict[Mood, Sequence[str]] = {
    "warm": ("Thanks a lot!", "Many thanks,", "Thank you for looking into it,"),
    "brisk": ("Thanks.", "Cheers,", "Rgds,"),
    "worried": ("Please let me know soon.", "Thank you in advance,", "I would be grateful for a quick word."),
    "cross": ("Please fix this.", "I expect an answer.", "This has to work."),
}


@dataclass(frozen=True)
class Persona:
    """Who writes."""

    name: str
    role: str
    mood: Mood
    precise: float
    """How much of what they know they tell, 0 to 1."""

    def letter(self, draw: Random, *sentences: str) -> str:
        """A message of these sentences, greeted and signed in the person's way."""
        signature = self.name.split()[0] if self.mood == "warm" else self.name
        if draw.random() < 0.3:
            signature += f", {self.role}"
        parts = (
            draw.choice(_GREETINGS[self.mood]),
            " ".join(sentence for sentence in sentences if sentence),
            draw.choice(_CLOSINGS[self.mood]),
            signature,
        )
        return "\n".join(part for part in parts if part)


def persona(customer: str, name: str, chance: Chance) -> Persona:
    """The person who writes for a customer; always the same one."""
    draw = chance.python("users", "voice", customer)
    return Persona(name, draw.choice(_ROLES), draw.choice(_MOODS), draw.random())
