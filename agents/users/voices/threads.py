"""How threads go on: answers to questions, second looks, promises that are remembered, thanks."""

from collections.abc import Sequence

from agents.users.voices.persona import Pen
from agents.users.voices.reading import Asked, Promise, Reading
from agents.users.voices.sight import Sight


def answer(pen: Pen, asked: Sequence[Asked], sight: Sight | None) -> str:
    """What the company asked for, from what they really saw; what they do not know they say so."""
    told = [_answered(pen, one, sight) for one in asked[:3]]
    begin = pen.maybe(0.4, ("Sure.", "Of course:", "Here is what I know.", "I will try.", "As far as I can say:"))
    return pen.note(begin, *told)


def _answered(pen: Pen, asked: Asked, sight: Sight | None) -> str:
    who = pen.who
    if asked == "secret":
        return pen.pick(("I would rather not send that by mail.", "I will not write that into a ticket, sorry."))
    if asked == "inside" and not who.technical:
        return pen.pick(
            (
                "I do not know what that is.",
                "That means nothing to me, I only see the page.",
                "I would not know where to find that.",
            )
        )
    if asked == "browser":
        return f"I use {who.browser}." if who.browser else "I do not know, the usual one."
    if asked == "account":
        return pen.pick(("It is the account that I write from.", f"My own: {who.name}."))
    if sight is None:
        return pen.pick(
            ("It is just as I wrote above.", "I do not know more than what I wrote.", "What exactly do you need?")
        )
    return _seen(pen, asked, sight)


def _seen(pen: Pen, asked: Asked, sight: Sight) -> str:
    """From the session that went wrong; whoever does not remember says so."""
    who, found = pen.who, ""
    if asked == "when":
        found = pen.pick(
            (f"It was on {sight.day}, {sight.about_when}.", f"{sight.day}, {sight.about_when}, I would say.")
        )
    elif asked == "where" and sight.page and (who.technical or who.precise > 0.5):
        found = f"The address in the browser was {sight.page}."
    elif asked in ("where", "steps", "other"):
        found = _doing(pen, sight)
    elif asked == "item" and sight.item:
        found = f"It is the one with {sight.item}."
    elif asked in ("message", "inside") and sight.status:
        error = f"An error page; it says {sight.status}."
        found = error if who.technical else "Just an error page with a number. I did not write it down."
    elif asked in ("message", "inside"):
        found = sight.found
    elif asked == "others":
        found = pen.pick(_OTHERS)
    return found or pen.pick(("I did not write that down.", "I do not know, sorry.", "That I cannot tell any more."))


def _doing(pen: Pen, sight: Sight) -> str:
    if not sight.step:
        return f"I wanted to {sight.words}, on {sight.day} {sight.about_when}. I do not remember more."
    ways = (
        f"I wanted to {sight.words}, and then, at this point, it went wrong: {sight.step}.",
        f"First all was well. I wanted to {sight.words}; this is where it stopped: {sight.step}.",
    )
    return f"{pen.pick(ways)} {sight.found}".strip()


_OTHERS = (
    "I have only asked one colleague, and she was not sure.", "I do not know about the others.",
    "So far I have only seen it at my own desk.",
)  # fmt: skip


def misfit(pen: Pen) -> str:
    """The answer is about something else."""
    return pen.note(
        pen.pick(
            (
                "That is not what I asked.", "I think this went to the wrong person: it does not answer my question.",
                "Sorry, I do not see what that has to do with it.", "Did you read what I wrote? This is about something else.",
            )
        )
    )  # fmt: skip


def by_when(pen: Pen) -> str:
    """Something was promised, and no date."""
    return pen.note(
        pen.pick(
            (
                "Until when, roughly?",
                "Thank you. When will that be?",
                "Good. Is there a date?",
                "And when can I count on it?",
            )
        )
    )


def reminder(pen: Pen, times: int) -> str:
    """Nobody has answered yet."""
    if times > 2:
        return pen.note(
            pen.pick(
                ("Is anybody there?", "This is my last attempt.", "Do you still exist?", "I give you one more day.")
            )
        )
    if times > 1:
        return pen.note(
            pen.pick(
                (
                    "Still no answer. We are thinking about alternatives.",
                    "I write for the third time now.",
                    "Silence is no answer.",
                )
            )
        )
    return pen.letter(pen.pick(("Any news on this?", "I have not heard from you yet.", "Did you get my message?", "Just asking whether you saw this.", "I am still waiting for a word on this.")))  # fmt: skip


def thanks(pen: Pen, topic: str) -> str:
    """It is as it should be, or what was asked is answered."""
    words = {
        "billing": ("The money is there, thank you.", "I see the refund. Thanks for your help.", "It is back on our account, thank you.", "Settled, thanks.", "It stands on the invoice. Thank you.", "That settles it, thank you.", "Good, then we are even."),
        "question": ("Thank you, that is what I wanted to know.", "Good to know, thanks.", "That answers it.", "Clear now, thank you.", "Understood, thanks.", "Ah, all right. Thanks!", "Thank you, that helps."),
        "request": ("Thank you for taking note.", "Fair enough, thanks for the honest answer.", "All right, we will wait and see.", "A pity, but thank you."),
        "security": ("I looked again, and it is closed now. Thank you.", "Good, I cannot get there any more.", "It is as it should be now. I am relieved."),
    }.get(topic, ("It works again, thank you!", "All good now.", "Solved, thanks for the help.", "I tried it just now and it works.", "Looks fine from here."))  # fmt: skip
    return pen.note(pen.pick(words))


def still_wrong(pen: Pen, times: int, sight: Sight | None, last: Reading | None, broken: Promise | None) -> str:
    """They looked again, and it is not: what they were told they hold against it."""
    if broken is not None:
        first = pen.pick(
            (
                f'You wrote "{broken.words}". That is over, and nothing has changed.',
                f'It was to be done "{broken.words}", and it is not.',
                f'So much for "{broken.words}": it is the same as before.',
            )
        )
    elif last is not None and last.fixed:
        first = pen.pick(
            (
                "You write that it is fixed. I have just tried: it is not.",
                "Fixed? Not here, it is exactly as before.",
                "I looked right after your message, and it is not fixed.",
                "Sorry, but this is not solved. Did anybody try it?",
            )
        )
    else:
        first = pen.pick(_SAME if times < 3 else (*_SAME, *_SAME_AGAIN))
    detail = ""
    if sight is not None and pen.who.precise > 0.4 and sight.found not in pen.used:
        detail = sight.found
        pen.used.add(detail)
    upset = times > 1 or pen.who.mood == "cross"
    return pen.note(first, detail, pen.pick(_UPSET) if upset and pen.draw.random() < 0.7 else "")


_SAME = (
    "I just tried again and it is the same.", "No change here, sorry.", "It still happens.", "I looked again: as before.",
    "Not yet. I have tried it just now.", "Same thing today.", "Unfortunately nothing has changed.",
    "Still the same, I am afraid.", "Nothing new on my side: it is not solved.",
)  # fmt: skip
_SAME_AGAIN = (
    "Another day, the same picture.", "I try it every day, and every day it is so.", "I could send you yesterday's message again.",
)  # fmt: skip
_UPSET = (
    "How much longer?", "This is getting old.", "We pay for this.", "I have stopped telling my colleagues that it will be fine.",
    "Is anybody working on it?", "Please give me a date.", "An honest word would help more than kind ones.",
    "I have to report this to my boss now.", "We look at other products this week.",
)  # fmt: skip


def promise_gone(pen: Pen, promise: Promise) -> str:
    """A word was promised by a date, and none came."""
    return pen.note(
        pen.pick(
            (
                f'You said "{promise.words}". I have heard nothing.',
                f'I was to hear from you "{promise.words}", and there is no word.',
                f'"{promise.words[0].upper()}{promise.words[1:]}" has come and gone.',
            )
        )
    )


def money_missing(pen: Pen) -> str:
    """The refund has not come."""
    return pen.note(
        pen.pick(
            (
                "The money has not come back yet.",
                "I do not see a refund.",
                "There is no refund on our side.",
                "Our statement still shows both charges.",
                "Nothing has arrived so far.",
            )
        )
    )


def gave_up(pen: Pen) -> str:
    """A claim is dropped."""
    return pen.note(
        pen.pick(
            (
                "All right, thank you for checking.",
                "I see. Then it was our mistake.",
                "OK, understood.",
                "Our bookkeeper found it: two months, not one. Sorry.",
                "Then I misread our statement, thanks.",
            )
        )
    )


def left(pen: Pen) -> str:
    """They are no customers any more."""
    return pen.note(
        pen.pick(
            (
                "We have moved to another product, so never mind.",
                "You can close this. We have left.",
                "Not needed any more: we have cancelled.",
                "Too late for us, we work with something else now.",
            )
        )
    )


def at_the_bank(pen: Pen) -> str:
    """The bank has taken the charge back."""
    return pen.note(
        pen.pick(
            (
                "Our bank has taken the charge back.",
                "We have had the bank return it, since you did not.",
                "I gave up waiting: the bank has reversed the charge.",
            )
        )
    )
