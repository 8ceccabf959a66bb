"""What people write to support: first messages, and how threads go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from agents.users.voices.persona import Persona
from bus.messages.users import PainKind
from bus.money import Micros, dollars


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


Ask = tuple[str, str]
"""What somebody asks or wishes, and the subject that they give it."""

WISHES = 0.3
"""Of ordinary letters, those that wish for something, if there is anything to wish for (assumption; C)."""

_SYMPTOMS: dict[PainKind, tuple[str, ...]] = {
    "outage": (
        "the site did not come up at all",
        "nothing loads",
        "we got an error page from your servers",
        "it is down for us",
    ),
    "error": ("I get an error page", "the page breaks", "something went wrong, it says", "it just fails"),
    "failed_save": (
        "it does not save what I typed",
        "my changes are not accepted",
        "after saving it is not what I entered",
    ),
    "lost_item": (
        "something we had stored is gone",
        "an entry is missing or no longer what it was",
        "we cannot find our work again",
    ),
    "stale_read": (
        "it shows old information",
        "what we just did does not show up",
        "the list and the entry say different things",
    ),
    "foreign_item": ("we saw something that is not ours", "there was another company's information on our screen"),
    "slow": ("it has become terribly slow", "every click takes ages"),
    "waiting": ("we are still waiting",),
    "broken_promise": ("it is not fixed as you said",),
}
_SINCE = ("since this morning", "for some time now", "since yesterday, I believe", "today", "again and again", "")
_ASIDES = (
    "Our whole team depends on it.", "I tried another browser.", "A colleague sees the same.", "It used to work.",
    "We have a deadline this week.", "I may be doing something wrong.", "", "", "",
)  # fmt: skip


def problem(who: Persona, kind: PainKind, words: str, step: str, draw: Random) -> Letter:
    """Something went wrong when they wanted to do `words`; precise people name the step."""
    symptom = draw.choice(_SYMPTOMS[kind])
    subject = draw.choice((f"Cannot {words}", f"Problem: {symptom}", "Something is broken", f"Trouble when we {words}"))
    if who.precise < 0.2:
        first = draw.choice((f"Hmm, {symptom}.", f"Since when is this so: {symptom}?", "It does not work any more."))
    else:
        first = f"When I try to {words}, {symptom}."
    since = draw.choice(_SINCE)
    detail = f"It happens at the point where I {step}." if who.precise > 0.5 else ""
    return Letter(
        subject, who.letter(draw, first, f"This is so {since}." if since else "", detail, draw.choice(_ASIDES))
    )


def security(who: Persona, words: str, draw: Random) -> Letter:
    """They saw what belongs to others."""
    first = f"I wanted to {words}, and there was something on my screen that belongs to another company."
    fear = draw.choice(("Can others see our data too?", "I need to tell our management.", "Is our data safe with you?"))
    return Letter(
        draw.choice(("Data of another company", "Is our data safe?", "Privacy question")), who.letter(draw, first, fear)
    )


def question(who: Persona, asks: Sequence[Ask], wishes: Sequence[Ask], draw: Random) -> tuple[bool, Letter]:
    """An ordinary question (False), or a wish for a feature (True): what customers of the product ask and want."""
    wish = draw.random() < WISHES and bool(wishes)
    text, subject = draw.choice(wishes if wish else asks)
    return wish, Letter(subject, who.letter(draw, text))


def double_charge(who: Persona, amount: Micros, draw: Random) -> Letter:
    """They say that they were charged twice."""
    first = draw.choice(
        (
            f"We were charged twice for the same month: {dollars(amount)} too much.",
            f"My card statement shows {dollars(amount)} two times. Please pay one of them back.",
            f"There are two charges of {dollars(amount)} for one month on our account.",
        )
    )
    return Letter(draw.choice(("Charged twice", "Refund", "Wrong charge", "Our invoice")), who.letter(draw, first))


def reminder(who: Persona, times: int, draw: Random) -> str:
    """Nobody has answered yet."""
    if times > 1:
        return draw.choice(
            ("Is anybody there?", "Still no answer. We are thinking about alternatives.", "This is my last attempt.")
        )
    return who.letter(
        draw, draw.choice(("Any news on this?", "I have not heard from you yet.", "Did you get my message?"))
    )


def thanks(who: Persona, draw: Random) -> str:
    """It is as it should be."""
    text = draw.choice(
        ("It works again, thank you!", "All good now.", "Solved, thanks for the help.", "Looks fine from here.")
    )
    return text if who.mood == "brisk" else f"{text} {who.name.split()[0]}"


def still_wrong(who: Persona, times: int, draw: Random) -> str:
    """They looked again, and it is not."""
    first = draw.choice(("I just tried again and it is the same.", "No change here, sorry.", "It still happens."))
    more = (
        draw.choice(("How much longer?", "This is getting old.", "We pay for this."))
        if times > 1 or who.mood == "cross"
        else ""
    )
    return f"{first} {more}".strip()


def money_missing(draw: Random) -> str:
    """The refund has not come."""
    return draw.choice(
        ("The money has not come back yet.", "I do not see a refund.", "There is no refund on our side.")
    )


def gave_up(draw: Random) -> str:
    """A claim is dropped, or taken to the bank."""
    return draw.choice(("All right, thank you for checking.", "I see. Then it was our mistake.", "OK, understood."))
