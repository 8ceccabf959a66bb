"""What a scripted operator writes to customers: true now, polite, and without a promise. No I/O."""

from collections.abc import Sequence

from agents.operator.duties.handbook import look_up
from bus.messages.gateway import OpenAlert
from bus.money import Micros, dollars

FELT = {
    "errors": "some requests fail",
    "instance_down": "one of our servers is down",
    "out_of_memory": "one of our servers ran out of memory",
    "overload": "our servers are busier than they should be",
    "database": "our database is busier than it should be",
    "slow": "pages are slower than they should be",
}
"""Alerts that customers feel, in their words."""


def state_of_service(alerts: Sequence[OpenAlert], *, times: int = 0) -> str:
    """What we know of the service now, for the post or letter with that number in a row."""
    known = sorted({FELT[alert.kind] for alert in alerts if alert.kind in FELT})
    ways = _SEEN if known else _QUIET
    return ways[times % len(ways)].format(known="; ".join(known))


_SEEN = (
    "We see an incident right now: {known}. The status page has the current state.",
    "Our monitoring shows trouble right now: {known}.",
    "What we see here right now: {known}. What we find out stands on the status page.",
)
_QUIET = (
    "Our monitoring shows no wider incident right now.",
    "No alarm of ours shows it, which is why what you write counts.",
    "We see no wider incident here, so it may be only some of you whom this meets.",
)


def about_problem(alerts: Sequence[OpenAlert], ticket: str, *, reopened: int) -> str:
    """To somebody for whom something does not work, in the thread with that id. No two letters in a row share a sentence."""
    number = reopened + sum(ticket.encode())  # so that threads do not all go the same way
    state = state_of_service(alerts, times=number)
    if reopened:
        parts = (_AGAIN[number % len(_AGAIN)], state, _NO_DATE[reopened % len(_NO_DATE)])
    else:
        parts = (_one_of(_FIRST, ticket), state, _one_of(_LAST, ticket[::2]))
    return " ".join(filter(None, parts))


_FIRST = (
    "Thank you for telling us, and I am sorry for the trouble. Your report is noted here, with all that you wrote.",
    "I am sorry that this stops you. Your report is noted here, word for word.",
    "Thank you for writing this down so clearly. It is on our list of open problems now.",
    "That should not happen, and I am sorry that it happened to you. I have put your report with the others of its kind.",
)
_LAST = (
    "I cannot name a date. If you see anything new, please write it here.",
    "I do not know yet how long it takes, and would rather say so. Anything you notice on the way helps.",
    "There is no date that I could give you. Please write again in this thread if it changes.",
)
_AGAIN = (
    "Thank you for looking again. I am sorry that it still does not work for you.",
    "I see that it is still so, and I will not tell you otherwise. Your report stands open here.",
    "Thank you for your patience with this problem. It is not solved, and I have noted that you looked again.",
    "Thank you for coming back to this. The problem stays on our list.",
    "I am sorry for the trouble that goes on. What you wrote today is noted beside your first letter.",
    "I know that another letter of mine is no help. Your report stays open here until you say that it works.",
)
"""To those who looked again, one after the other."""
_NO_DATE = ("I still cannot name a date.", "", "There is still no date that I could give you.", "")
"""To the same: it need not stand in each letter."""


def about_refunds(amounts: Sequence[Micros], ticket: str) -> str:
    """To somebody who was charged twice, after the refund, in the thread with that id."""
    total = dollars(Micros(sum(amounts)))
    return f"{_one_of(_OWED, ticket)} {_one_of(_REFUNDED, ticket[::2])}".format(total=total)


_OWED = (
    "You are right, that charge should not have been there.",
    "I looked at your invoices, and you are right. I am sorry that you had to find it.",
    "That was our mistake, and I am sorry.",
    "You were charged twice, and that must not happen.",
    "Thank you for looking closely at your invoices: we took too much.",
)
_REFUNDED = (
    "We have given back {total}; it is on your invoices now.",
    "We have given back {total}: your invoice shows the refund.",
    "The refund of {total} is made, and your invoice shows it.",
    "I have refunded {total}; your invoices have it already.",
)


def about_no_refund(returned: Micros) -> str:
    """To somebody whose invoices show nothing that is owed."""
    if returned:
        return (
            f"Thank you for asking. I looked at your invoices: {dollars(returned)} were given back on them already, and "
            "what remains stands for its own service period, at the price of your plan. Nothing more is owed."
        )
    return (
        "Thank you for asking. I looked at your invoices: each stands for its own service period, at the price of your "
        "plan, and nothing was charged twice, so there is nothing that I could refund. If you mean a particular "
        "invoice, please tell me its number and I will look at that one again."
    )


def about_question(subject: str, ticket: str) -> str:
    """To somebody who asks how something works, in the thread with that id: from the handbook, or what is true of any product."""
    begin = _one_of(_ASKED, ticket)
    known = look_up(subject)
    if known is not None:
        return f"{begin} {known}"
    return (
        f"{begin} I do not have an answer to that at hand, and would rather not guess. What the product "
        "offers is in its menus, search and your account among them; what only owners may change stands there, too. If "
        "that does not answer it, please say what you want to do, and where you are stuck."
    )


_ASKED = ("Thank you for asking.", "Good that you ask.", "Thank you for your question.", "Gladly.")


def about_request(ticket: str) -> str:
    """To somebody who wants something new, in the thread with that id."""
    return _one_of(_NOTED, ticket)


_NOTED = (
    "Thank you for the idea; it is noted here. I cannot say whether or when it comes, and do not want to raise false hopes.",
    "Your request is on our list, with all that you wrote about it. Whether we build it is not decided, and there is no date.",
    "Thank you for writing down so clearly what you need. I have added it to our other requests, where nothing has a date.",
    "I can see what you would use it for, and have put your request on our list. I cannot say whether it will be built.",
)


def _one_of(ways: Sequence[str], text: str) -> str:
    """One way to say it: the same for the same text, so that a run can be repeated."""
    return ways[sum(text.encode()) % len(ways)]


def about_security(ticket: str, *, reopened: int = 0) -> str:
    """To somebody who reports a weakness, or asks for what only an account's owner may have, in the thread with that id."""
    if reopened:
        number = reopened + sum(ticket.encode())
        return " ".join(
            filter(None, (_AGAIN_SECURITY[number % len(_AGAIN_SECURITY)], _NO_DATE[reopened % len(_NO_DATE)]))
        )
    return (
        f"{_one_of(_REPORTED, ticket)} For everybody's safety we never send passwords, keys or data of others, and change "
        "nothing about an account on the word of a message: its owner does that after logging in."
    )


_REPORTED = (
    "Thank you for telling us; your report is noted here, with all that you wrote.",
    "Thank you for bringing this to us and to nobody else. I have noted each step of it.",
    "I understand that this worries you. What you saw is written down here as you told it.",
)
_AGAIN_SECURITY = (
    "Thank you for looking again. What you report is not closed yet, and I will not tell you otherwise.",
    "I have noted that it is still open today. Your report has not been forgotten.",
    "I am sorry that I have nothing better to tell you: the report stands, and it is not solved.",
)
