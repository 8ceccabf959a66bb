"""A person at a keyboard: role, mood, knowledge and habits, drawn once, and the phrases that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from bus.chance import Chance

Mood = Literal["warm", "brisk", "worried", "cross"]


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody does in the company, and what follows from it for their letters."""

    title: str
    skill: float
    """How much they know of software, 0 to 1: below `KNOWS` a status or an address is not told."""
    stake: str
    """Why it matters to them."""


KNOWS = 0.55
_ROLES = (
    Role("office manager", 0.3, "I have five people asking me about it."),
    Role("project lead", 0.5, "We plan the whole week with this."),
    Role("owner", 0.35, "I pay for this every month, and I would like to rely on it."),
    Role("assistant", 0.25, "My boss wants to know what to do now."),
    Role("team lead", 0.5, "My team is waiting for it."),
    Role("bookkeeper", 0.3, "I close the month on Friday."),
    Role("head of operations", 0.45, "Two departments hang on this."),
    Role("designer", 0.6, "The client calls at four."),
    Role("coordinator", 0.4, "I am the one who gets the calls when it does not work."),
    Role("developer", 0.9, "Our own tools build on it."),
)
_MOODS: tuple[Mood, ...] = ("warm", "brisk", "brisk", "worried", "cross")
_GREETINGS: dict[Mood, Sequence[str]] = {
    "warm": ("Hi there,", "Hello,", "Hi team,", "Hello everybody,", "Dear all,", "Hi!"),
    "brisk": ("Hi,", "Hello.", "", "", "Hello,"),
    "worried": ("Hello,", "Dear support,", "Hi, I hope you can help.", "Hello, sorry to bother you."),
    "cross": ("Hello.", "", "To whom it may concern,", "Support,"),
}
_CLOSINGS: dict[Mood, Sequence[str]] = {
    "warm": ("Thanks a lot!", "Many thanks,", "Thank you for looking into it,", "Have a good day!", "Best wishes,"),
    "brisk": ("Thanks.", "Cheers,", "Rgds,", "Thx", ""),
    "worried": (
        "Please let me know soon.", "Thank you in advance,", "I would be grateful for a quick word.", "Kind regards,",
    ),
    "cross": ("I expect an answer.", "Please answer.", "Regards,", "", "Waiting for your reply,"),
}  # fmt: skip
_SOURED: dict[Mood, Mood] = {"warm": "brisk", "brisk": "cross", "worried": "worried", "cross": "cross"}


@dataclass(frozen=True)
class Persona:
    """Who writes."""

    name: str
    role: Role
    mood: Mood
    precise: float
    """How much of what they saw they tell without being asked, 0 to 1."""
    browser: str = ""
    """What they sit in front of, as they would call it."""

    @property
    def first_name(self) -> str:
        """The part of the name that friends use. Names are taken as they are: not every script has capitals."""
        return self.name.split()[0]

    @property
    def technical(self) -> bool:
        """Whether a status or an address means something to them."""
        return self.role.skill >= KNOWS

    @property
    def insists(self) -> bool:
        """Whether they ask for a date where none was given."""
        return self.precise > 0.5 or self.mood in ("cross", "worried")

    def after(self, disappointments: int) -> "Persona":
        """The same person after having been let down that often: less and less friendly."""
        mood = self.mood
        for _ in range(disappointments // 2):
            mood = _SOURED[mood]
        return replace(self, mood=mood)


@dataclass
class Pen:
    """One person writing in one thread: what they have said there once they say otherwise the next time."""

    who: Persona
    draw: Random
    used: set[str] = field(default_factory=set[str])

    def pick(self, options: Sequence[str]) -> str:
        """One of several ways to say it, not one that stands in the thread already, as long as there is another."""
        fresh = [one for one in options if one not in self.used] or list(options)
        chosen = self.draw.choice(fresh)
        if chosen:
            self.used.add(chosen)
        return chosen

    def maybe(self, share: float, options: Sequence[str]) -> str:
        """Sometimes one of them, else nothing."""
        return self.pick(options) if self.draw.random() < share else ""

    def letter(self, *sentences: str) -> str:
        """A message of these sentences, greeted and signed in the person's way."""
        who = self.who
        signature = who.first_name if who.mood == "warm" else who.name
        if self.draw.random() < 0.3:
            signature += f", {who.role.title}"
        parts = (
            self.draw.choice(_GREETINGS[who.mood]),
            " ".join(sentence for sentence in sentences if sentence),
            self.draw.choice(_CLOSINGS[who.mood]),
            signature,
        )
        return "\n".join(part for part in parts if part)

    def note(self, *sentences: str) -> str:
        """A line in a thread that goes on: no greeting, and a name only from those who are friendly."""
        text = " ".join(sentence for sentence in sentences if sentence)
        signs = self.who.mood in ("warm", "worried") and self.draw.random() < 0.7
        return f"{text}\n{self.who.first_name}" if signs else text


def persona(customer: str, name: str, user_agent: str, chance: Chance) -> Persona:
    """The person who writes for a customer; always the same one."""
    draw = chance.python("users", "voice", customer)
    return Persona(name, draw.choice(_ROLES), draw.choice(_MOODS), draw.random(), browser_named(user_agent))


def browser_named(user_agent: str) -> str:
    """What people call the browser that introduces itself so."""
    names = (("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (("Windows", "Windows"), ("Mac OS", "a Mac"), ("Linux", "Linux"))
    browser = next((name for mark, name in names if mark in user_agent), "")
    system = next((name for mark, name in systems if mark in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser
