"""What people write to support first: problems, fears, questions, wishes, wrong charges. How threads go on is `threads`."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.users.voices.persona import Pen
from agents.users.voices.sight import Sight
from bus.messages.users import PainKind
from bus.money import Micros, dollars


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


Ask = tuple[str, str]
"""What somebody asks or wishes, and the subject that they give it."""

SYMPTOMS: dict[PainKind, tuple[str, ...]] = {
    "outage": (
        "the site does not come up at all", "nothing loads", "we get an error page from your servers", "it is down for us",
        "the browser turns and turns and then gives up",
    ),
    "error": (
        "I get an error page", "the page breaks", "something went wrong, it says", "it just fails", "it stops halfway",
    ),
    "failed_save": (
        "it does not save what I typed", "my changes are not accepted", "after saving it is not what I entered",
        "what I enter does not stay",
    ),
    "lost_item": (
        "something we had stored is gone", "an entry is missing or no longer what it was", "we cannot find our work again",
        "what I put there is not there any more",
    ),
    "stale_read": (
        "it shows old information", "what we just did does not show up", "the list and the entry say different things",
        "I see something other than what is true",
    ),
    "foreign_item": (
        "something was open that should be closed", "I could get to something that should not be reachable",
        "I got further than anybody should", "there was no lock where I expected one",
        "it let me do what it should refuse",
    ),
    "slow": ("it has become terribly slow", "every click takes ages", "I wait and wait for each page"),
    "waiting": ("we are still waiting",),
    "broken_promise": ("it is not fixed as you said",),
}  # fmt: skip
_SINCE = (
    "This is so since this morning.", "It has been like this for some time now.", "Since yesterday, I believe.",
    "It happens again and again.", "It was fine last week.", "I noticed it today.",
)  # fmt: skip
_ASIDES = (
    "I tried another browser.", "A colleague sees the same.", "It used to work.", "I may be doing something wrong.",
    "I logged out and in, no change.", "Is it only us?", "I looked at your help first.", "Nobody here changed anything.",
)  # fmt: skip
_VAGUE = (
    "Hmm, {symptom}.", "It does not work any more.", "{Symptom}. No idea why.", "There is something wrong: {symptom}.",
    "Since when is this so: {symptom}?", "Help, {symptom}!", "We have a problem here, {symptom}.",
)  # fmt: skip
_PLAIN = (
    "When I try to {words}, {symptom}.", "I wanted to {words}, but {symptom}.", "I cannot {words}: {symptom}.",
    "{Symptom} as soon as I want to {words}.", "Trying to {words}, I find that {symptom}.",
    "We need to {words} every day, and now {symptom}.",
)  # fmt: skip
_OPEN = (
    "When I wanted to {words}, {symptom}.", "I am a little shocked: I wanted to {words}, and {symptom}.",
    "I only wanted to {words}, and {symptom}.", "Something strange: on the way to {words}, {symptom}.",
    "Please look at this soon: I went to {words}, and {symptom}.",
)  # fmt: skip
_FEARS = (
    "Can others see our data, too?", "I need to tell our management.", "Is our data safe with you?",
    "We have obligations to our own clients.", "How long has this been so?", "Please tell me that nobody has used this.", "Who else can get in like this?", "That must not happen with our data.",
)  # fmt: skip
_ASKING: dict[str, Sequence[str]] = {
    "warm": ("I have a small question.", "Perhaps you can help me.", "We like it here, one thing though:", ""),
    "brisk": ("Quick question.", "", "", "Short one:"),
    "worried": ("I hope this is the right place to ask.", "I looked everywhere and did not find it.", "May I ask something?"),
    "cross": ("I could not find this anywhere.", "Your help says nothing of this.", "", "I have looked for half an hour."),
}  # fmt: skip
_WISHING: dict[str, Sequence[str]] = {
    "warm": ("We work with it every day, and there is one wish.", "An idea from our team:", "If I may dream a little:", ""),
    "brisk": ("Feature request.", "", "An idea:", "One wish:"),
    "worried": ("I do not know whether you take wishes.", "We are a bit stuck without this.", ""),
    "cross": ("I do not understand why this is missing.", "Others have had this for years.", ""),
}  # fmt: skip


def problem(pen: Pen, sight: Sight) -> Letter:
    """Something went wrong when they wanted to do something; precise people tell what they saw."""
    who, symptom = pen.who, pen.pick(SYMPTOMS[sight.kind])
    words = {"symptom": symptom, "Symptom": symptom[0].upper() + symptom[1:], "words": sight.words}
    subject = pen.draw.choice(
        ("Cannot {words}", "Problem: {symptom}", "Something is broken", "Trouble when we {words}", "{Symptom}")
    )
    first = pen.pick(_VAGUE if who.precise < 0.25 else _PLAIN).format(**words)
    told = _told(pen, sight) if who.precise > 0.5 else pen.maybe(0.5, _SINCE)
    body = pen.letter(first, told, pen.maybe(0.4, _ASIDES), pen.maybe(0.3, (who.role.stake,)))
    return Letter(subject.format(**words), body)


def security(pen: Pen, sight: Sight) -> Letter:
    """They saw what they should not, or could have been seen: told as it was, never as something worse."""
    if sight.detail.startswith("there is something of another company"):
        first = f"I wanted to {sight.words}, and there was something on my screen that belongs to another company."
        subjects = ("Data of another company", "Is our data safe?", "We see things that are not ours")
    else:
        symptom = pen.pick(SYMPTOMS["foreign_item"])
        first = pen.pick(_OPEN).format(symptom=symptom, words=sight.words)
        subjects = ("Is our data safe?", "Privacy question", "This should not be open", "Security, please read")
    told = sight.found if pen.who.precise > 0.25 and not sight.detail.startswith("there is something of") else ""
    reference = f"It says {sight.item}." if sight.item and pen.who.precise > 0.6 else ""
    return Letter(pen.draw.choice(subjects), pen.letter(first, told, reference, pen.pick(_FEARS)))


def question(pen: Pen, asked: Ask, *, wish: bool) -> Letter:
    """An ordinary question, or a wish for a feature: what customers of the product ask and want."""
    text, subject = asked
    before = pen.pick((_WISHING if wish else _ASKING)[pen.who.mood])
    after = ("It would make our days easier.", "Others here say the same.", "We could pay a little more for it.")
    if not wish:
        after = (
            f"I ask as the {pen.who.role.title} here.",
            "It would save us time.",
            "No hurry.",
            "Just so that I know.",
        )
    return Letter(subject, pen.letter(before, text, pen.maybe(0.3, after)))


def double_charge(pen: Pen, amount: Micros) -> Letter:
    """They say that they were charged twice."""
    first = pen.pick(
        (
            f"We were charged twice for the same month: {dollars(amount)} too much.",
            f"My card statement shows {dollars(amount)} two times. Please pay one of them back.",
            f"There are two charges of {dollars(amount)} for one month on our account.",
            f"Why did you take {dollars(amount)} twice? Once is what we owe.",
            f"Our bank shows your {dollars(amount)} a second time, for the same month.",
        )
    )
    more = pen.maybe(
        0.4,
        (
            "We would like it back soon.",
            "I have the statement here.",
            "Our accountant found it.",
            "Can you look into it?",
        ),
    )
    subject = pen.draw.choice(("Charged twice", "Refund", "Wrong charge", "Our invoice", "Double payment"))
    return Letter(subject, pen.letter(first, more))


def _told(pen: Pen, sight: Sight) -> str:
    """What a precise person adds unasked."""
    parts = [f"It was on {sight.day}, {sight.about_when}." if pen.draw.random() < 0.6 else ""]
    if sight.step:
        parts.append(
            pen.pick(
                ("It happens at this point: {step}.", "The last thing I did: {step}.", "I get as far as this: {step}.")
            ).format(step=sight.step)
        )
    parts.append(sight.found)
    if pen.who.technical and sight.status:
        parts.append(f"The page answers with {sight.status}.")
    return " ".join(part for part in parts if part)
