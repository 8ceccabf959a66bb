"""How a customer reads an answer: what it asks, claims and promises, and whether it is about the matter at all. Pure.

A few plain rules over the company's words, the same for everybody and every run. They decide what is said next; of money only
this follows: who was told a date or "fixed" remembers it, and finds out by looking.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bus.simtime import DAY, HOUR, SimTime, calendar

Asked = Literal[
    "when", "where", "steps", "item", "browser", "message", "others", "account", "secret", "inside", "other"
]
"""What an answer may ask back for. `secret` and `inside` are what no customer tells or knows."""


STEM = 6
"""Letters of a word by which it is known again."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _beginnings(text: str) -> tuple[str, ...]:
    return tuple(word[:STEM] for word in text.split())


_ASKED: tuple[tuple[Asked, str], ...] = (
    ("secret", r"password|passcode|card number|secret key|api key|your token"),
    (
        "inside",
        r"stack ?trace|server log|logs?\b|database|commit|query|sql|response body|network tab|console|root cause",
    ),
    ("when", r"\bwhen\b|what time|which day|since when|how long|how often"),
    ("browser", r"browser|device|operating system|phone|which app|version"),
    ("message", r"error (message|code|text)|what (exactly )?(did|does) (it|the page) say|screenshot|wording"),
    ("where", r"\bwhere\b|which page|what page|address|\burl\b|link"),
    (
        "steps",
        r"steps|reproduce|what (were|was|are) you (doing|trying)|what did you do|how did you|walk (me|us) through",
    ),
    (
        "item",
        r"which (task|project|invoice|item|entry|record|client|file|one)|what (task|invoice|item)|example|reference",
    ),
    ("others", r"colleague|anybody else|anyone else|everyone|others|team(mates)?\b|how many (people|users)"),
    ("account", r"which account|your account|e-?mail|user ?name|which user|log ?in with"),
)
_REQUESTING = re.compile(
    r"\b(please|could you|can you|would you|kindly)\b[^.!?]*\b(tell|send|say|let (us|me) know|share|give)\b"
)
_CONDITION = re.compile(r"\b(if|once|until|as soon as|when|whether|unless|before)\b")
_NEGATION = re.compile(r"\b(not|n't|never|cannot|no longer able|unable|yet to)\b|n't\b")
_DONE = re.compile(
    r"\b(is|are|was|were|been|it's|now|just|already)\s+(now\s+|been\s+|just\s+)?(fixed|resolved|solved|repaired|corrected|sorted out)\b"
    r"|\b(we|i)('ve| have)?\s+(now\s+|just\s+)?(fixed|resolved|solved|repaired|corrected|deployed)\b"
    r"|\bfix\b[^.!?]*\b(is|went|has gone|been)\s+(now\s+)?(live|out|deployed|released)\b"
    r"|\b(works|should work|working)\s+(again|now|as expected)\b"
)
_COMMITS = re.compile(r"\b(will|shall|going to|plan to|promise|expect to|aim to|intend to)\b|\b(we|i|it|you)'ll\b")
_WORD_OF_MOUTH = re.compile(
    r"\b(answer|reply|update you|get back|come back to|write (to )?you|let you know|tell you|be in touch)"
)
_DEED = re.compile(
    r"\b(fix|resolve|repair|solve|correct|release|deploy|ship|restore|refund|pay|send|be back"
    r"|be (ready|done|fixed|there|available|out|corrected)|have (it|this|a fix))"
)
_COURTESY = re.compile(
    r"anything else|\bhelps?\b|helpful|questions\?|\b(ok|okay|all right|alright)\?|does that (work|answer)|satisf"
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_STOP = _words(
    "about after again also because been before being both could does doing down during each from further have having here into"
    " just like more most much must need once only other over same shall should some such than thank thanks that their them then"
    " there these they this those through under until very want were what when where which while will with would your yours team"
    " hello dear best regards kind please know sorry well support customer service everything something anything"
)
_TOPIC: dict[str, tuple[str, ...]] = {
    "problem": _beginnings("problem error issue report trouble incident fix look investigat bug fault work page repro"),
    "security": _beginnings(
        "security data privacy access report account leak breach investigat safe session login log"
    ),
    "billing": _beginnings(
        "invoice charge refund money payment bank paid amount account card credit billing bill plan"
    ),
    "question": _beginnings(
        "menu page setting account search find plan owner click document help answer question member"
    ),
    "request": _beginnings("idea feature request suggest plan roadmap noted wish consider add build support release"),
}
"""Beginnings of words that show that an answer is about such a matter."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_SPAN = re.compile(
    r"\b(?:with)?in (?:the next |about |at most )?(\d{1,3}|" + "|".join(_NUMBERS) + r") (hour|day|week)s?\b"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DATED = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({'|'.join(_MONTHS)})\b|\b({'|'.join(_MONTHS)}) (\d{{1,2}})\b"
)
_NEAR = re.compile(rf"\b(tonight|today|tomorrow|end of the day|end of the week|next week|{'|'.join(_DAYS)})\b")


@dataclass(frozen=True)
class Promise:
    """That something will be so by a moment, in the company's words."""

    words: str
    due: SimTime
    only_word: bool = False
    """What was promised is another answer."""


@dataclass(frozen=True)
class Reading:
    """What a customer takes from an answer."""

    fits: bool
    """It is about what they wrote."""
    asked: tuple[Asked, ...] = ()
    fixed: bool = False
    """It says that the thing is as it should be now."""
    promise: Promise | None = None
    vague: bool = False
    """It promises something and says no date."""


@dataclass(frozen=True)
class Reader:
    """From where somebody reads: the calendar's start and their hours from UTC."""

    start: datetime
    zone: int

    def read(self, answer: str, topic: str, own_words: str, at: SimTime) -> Reading:
        """Read an answer that came at a moment to what `own_words` said about a topic."""
        sentences = [one.strip() for one in re.split(r"(?<=[.!?])\s+|\n+", answer.lower()) if one.strip()]
        asked: list[Asked] = []
        promise: Promise | None = None
        fixed = vague = False
        for sentence in sentences:
            doubtful = _NEGATION.search(sentence) is not None
            conditional = _CONDITION.search(sentence) is not None
            if sentence.endswith("?") or _REQUESTING.search(sentence):
                if not _COURTESY.search(sentence) and not re.search(r"\bif\b", sentence):
                    asked.extend(_asked(sentence))
            elif _DONE.search(sentence) and not doubtful and not conditional:
                fixed = True
            elif _COMMITS.search(sentence) and not doubtful:
                deed, word = _DEED.search(sentence), _WORD_OF_MOUTH.search(sentence)
                if deed or word:
                    promise = promise or self._promise(sentence, at, only_word=deed is None)
                    vague = True
        return Reading(
            _fits(answer, topic, own_words), tuple(dict.fromkeys(asked)), fixed, promise, vague and promise is None
        )

    def _promise(self, sentence: str, at: SimTime, *, only_word: bool) -> Promise | None:
        """What a sentence promises, if it says until when."""
        found = self._date(sentence, at)
        return Promise(*found, only_word) if found else None

    def _date(self, sentence: str, at: SimTime) -> tuple[str, SimTime] | None:
        """The date in a sentence, in its words, and the end of that day where the reader lives."""
        here = calendar(self.start, at) + timedelta(hours=self.zone)
        if found := _SPAN.search(sentence):
            count = _NUMBERS.get(found[1]) or int(found[1])
            unit = {"hour": HOUR, "day": DAY, "week": 7 * DAY}[found[2]]
            return found[0], SimTime(at + count * unit)
        if found := _ISO.search(sentence):
            return self._until(found[0], here, int(found[1]), int(found[2]), int(found[3]), at)
        if found := _DATED.search(sentence):
            day, month = (found[1], found[2]) if found[1] else (found[4], found[3])
            return self._until(found[0], here, here.year, _MONTHS.index(month) + 1, int(day), at)
        if found := _NEAR.search(sentence):
            last = here.date() + timedelta(days=_days_to(found[1], here.weekday()))
            return self._until(found[1], here, last.year, last.month, last.day, at)
        return None

    def _until(
        self, words: str, here: datetime, year: int, month: int, day: int, at: SimTime
    ) -> tuple[str, SimTime] | None:
        try:
            ends = here.replace(year=year, month=month, day=day, hour=0, minute=0, second=0, microsecond=0)
        except ValueError:
            return None  # there is no such day
        left = (ends + timedelta(days=1) - here) // timedelta(milliseconds=1)
        return (_named(words), SimTime(at + left)) if left > 0 else None


def _asked(sentence: str) -> Iterable[Asked]:
    found: list[Asked] = [kind for kind, pattern in _ASKED if re.search(pattern, sentence)]
    return found or ["other"]


def _days_to(word: str, weekday: int) -> int:
    if word in _DAYS:
        return (_DAYS.index(word) - weekday) % 7
    return {"tomorrow": 1, "end of the week": (4 - weekday) % 7, "next week": 11 - weekday}.get(word, 0)


def _named(words: str) -> str:
    """Days and months with a capital, as people write them."""
    return " ".join(part.capitalize() if part in (*_DAYS, *_MONTHS) else part for part in words.split())


def _fits(answer: str, topic: str, own_words: str) -> bool:
    """Whether an answer shares a word of weight with the matter: lenient, for most answers are about something."""
    words = _stems(answer)
    if len(answer.split()) < 3:
        return False
    return any(word.startswith(_TOPIC.get(topic, ())) for word in words) or bool(words & _stems(own_words))


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in _WORD.findall(text.lower()) if word not in _STOP}
