"""The support desk: how much waits, the latest tickets, and the company's last public word."""

from collections.abc import Iterator

from textual.content import Content

from tui.state import Business
from tui.state.desk import Desk, Post, Ticket
from tui.text import DIM, GOOD, WARN, by_day, cell, clean, clock, line, moment, pair, words
from tui.widgets.pane import Pane

_STYLES = {"open": WARN, "answered": "", "solved": GOOD}


class Tickets(Pane):
    """Tickets, latest change first."""

    TITLE = "Tickets"

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        desk = business.desk
        draw = _whole if self.detailed else _short
        yield _summary(desk, width)
        yield from _posts(desk, width, 5 if self.detailed else 1)
        if self.detailed:
            yield _heading(width)
        latest = _latest(desk)
        yield from by_day(latest, lambda ticket: ticket.changed_at, lambda ticket: draw(ticket, width), width)


def _summary(desk: Desk, width: int) -> Content:
    waiting, answered, solved = desk.count("open"), desk.count("answered"), desk.count("solved")
    return pair(
        [
            (f"{waiting:,}", WARN if waiting else ""),
            (" open  ", DIM),
            f"{answered:,}",
            (" answered  ", DIM),
            f"{solved:,}",
            (" solved", DIM),
        ],
        [],
        width,
    )


def _posts(desk: Desk, width: int, limit: int) -> Iterator[Content]:
    for post in desk.posts[:limit]:
        yield pair([("said: ", DIM), *_post(post)], [(moment(post.at), DIM)], width)


def _post(post: Post) -> list[str | tuple[str, str]]:
    return [(post.state, GOOD if post.state in ("resolved", "mail") else WARN), f" {clean(post.title)}"]


def _latest(desk: Desk) -> Iterator[Ticket]:
    tickets = [*desk.unsolved.values(), *desk.solved]
    return iter(sorted(tickets, key=lambda ticket: (-ticket.changed_at, ticket.ticket)))


def _subject(ticket: Ticket) -> str:
    return clean(ticket.subject) or "(opened before anyone watched)"


def _short(ticket: Ticket, width: int) -> Content:
    return line(
        cell(clock(ticket.changed_at), 6, DIM),
        cell(ticket.state, 8, _STYLES[ticket.state]),
        cell(_subject(ticket), max(1, width - 16)),
    )


def _heading(width: int) -> Content:
    texts = ("at", "state", "about", "customer", "subject")
    return line(*(cell(text, size, DIM) for text, size in zip(texts, _columns(width), strict=True)))


def _columns(width: int) -> tuple[int, int, int, int, int]:
    customer = 18 if width < 100 else 26
    return (6, 8, 8, customer, max(1, width - 26 - customer))


def _whole(ticket: Ticket, width: int) -> Content:
    at, state, about, customer, subject = _columns(width)
    again = f" (again x{ticket.reopened})" if ticket.reopened else ""
    return line(
        cell(clock(ticket.changed_at), at, DIM),
        cell(ticket.state, state, _STYLES[ticket.state]),
        cell(words(ticket.topic), about),
        cell(clean(ticket.customer), customer),
        cell(_subject(ticket) + again, subject),
    )
