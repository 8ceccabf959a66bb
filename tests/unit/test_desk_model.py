"""A ticket's states: only the requester makes it solved, and a failed look reopens it."""

import pytest

from bus.messages.desk import TicketClosed, TicketMessage, TicketOpened, TicketReopened
from bus.messages.users import TicketAsked, TicketChecked, TicketSaid
from bus.simtime import HOUR, SimTime
from services.desk.model import DuplicateTicket, Tickets, UnknownTicket
from services.desk.text import MAX_CUSTOMER_BODY, MAX_SUBJECT, capped, one_line, plain


def asked(
    ticket: str = "t_1", customer: str = "c_1", body: str = "It is broken.", subject: str = "Broken"
) -> TicketAsked:
    return TicketAsked(
        agent="u1", customer=customer, ticket=ticket, topic="problem", subject=subject, body=body, at=SimTime(-HOUR)
    )


def said(body: str = "Still waiting.", ticket: str = "t_1", customer: str = "c_1") -> TicketSaid:
    return TicketSaid(agent="u1", customer=customer, ticket=ticket, body=body)


def checked(solved: bool, body: str = "", ticket: str = "t_1", customer: str = "c_1") -> TicketChecked:
    return TicketChecked(agent="u1", customer=customer, ticket=ticket, solved=solved, body=body)


@pytest.fixture
def tickets() -> Tickets:
    made = Tickets(names={"c_1": "Acme"})
    made.asked(asked())
    return made


def test_a_new_ticket_is_open_and_told_with_the_customers_name() -> None:
    change = Tickets(names={"c_1": "Acme"}).asked(asked())
    (told,) = change.events
    assert isinstance(told, TicketOpened)
    assert (told.customer_name, told.at, change.ticket.state) == ("Acme", -HOUR, "open")


def test_a_reply_answers_but_never_solves(tickets: Tickets) -> None:
    change = tickets.replied("t_1", "This is solved and closed.", SimTime(HOUR))
    assert change.ticket.state == "answered"
    assert [type(event) for event in change.events] == [TicketMessage]


def test_the_requesters_look_solves(tickets: Tickets) -> None:
    tickets.replied("t_1", "Please look.", SimTime(HOUR))
    change = tickets.checked(checked(True), SimTime(2 * HOUR))
    assert change.ticket.state == "solved"
    (told,) = change.events
    assert isinstance(told, TicketClosed)
    assert told.hours_open == 3.0


def test_a_failed_look_reopens_and_counts(tickets: Tickets) -> None:
    for times in (1, 2):
        tickets.replied("t_1", "Please look.", SimTime(times * HOUR))
        change = tickets.checked(checked(False, "No."), SimTime(times * HOUR))
        assert (change.ticket.state, change.ticket.reopened) == ("open", times)
        assert [type(event) for event in change.events] == [TicketMessage, TicketReopened]


def test_a_failed_look_before_any_answer_reopens_nothing(tickets: Tickets) -> None:
    change = tickets.checked(checked(False), SimTime(HOUR))
    assert (change.ticket.state, change.ticket.reopened, change.events) == ("open", 0, ())


def test_a_solved_ticket_can_fail_later(tickets: Tickets) -> None:
    tickets.checked(checked(True), SimTime(HOUR))
    assert tickets.checked(checked(True), SimTime(HOUR)).events == ()
    change = tickets.checked(checked(False), SimTime(2 * HOUR))
    assert (change.ticket.state, change.ticket.reopened) == ("open", 1)


def test_another_word_of_the_customer_asks_for_an_answer_again(tickets: Tickets) -> None:
    tickets.replied("t_1", "Please look.", SimTime(HOUR))
    assert tickets.said(said(), SimTime(HOUR)).ticket.state == "open"


def test_a_reply_to_a_solved_ticket_leaves_it_solved(tickets: Tickets) -> None:
    tickets.checked(checked(True), SimTime(HOUR))
    assert tickets.replied("t_1", "Glad to hear it.", SimTime(HOUR)).ticket.state == "solved"


def test_only_the_requester_speaks_in_its_ticket(tickets: Tickets) -> None:
    with pytest.raises(UnknownTicket):
        tickets.said(said(customer="c_2"), SimTime(HOUR))
    with pytest.raises(UnknownTicket):
        tickets.checked(checked(True, customer="c_2"), SimTime(HOUR))
    with pytest.raises(UnknownTicket):
        tickets.replied("t_2", "Hello", SimTime(HOUR))
    with pytest.raises(DuplicateTicket):
        tickets.asked(asked(customer="c_2"))
    assert tickets.ticket("t_1").state == "open"


def test_the_inbox_goes_by_last_change(tickets: Tickets) -> None:
    tickets.asked(asked("t_2"))
    tickets.asked(asked("t_3"))
    first = tickets.page(0, 2, None)
    assert [one.ticket for one in first.tickets] == ["t_1", "t_2"]
    tickets.replied("t_1", "Please look.", SimTime(HOUR))
    second = tickets.page(first.next_cursor, 10, None)
    assert [one.ticket for one in second.tickets] == ["t_3", "t_1"]
    assert second.open == 2
    assert tickets.page(second.next_cursor, 10, None).tickets == ()
    assert [one.ticket for one in tickets.page(0, 10, "answered").tickets] == ["t_1"]


def test_what_customers_write_is_capped_and_visible() -> None:
    change = Tickets().asked(asked(body="x" * 10_000, subject="a\nb\x1b[31m" + "s" * 500))
    assert len(change.ticket.thread[0].body) == MAX_CUSTOMER_BODY
    assert change.ticket.thread[0].body.endswith("[cut]")
    assert len(change.ticket.subject) == MAX_SUBJECT
    assert change.ticket.subject.startswith("a b[31ms")


def test_text_keeps_lines_and_drops_what_nobody_sees() -> None:
    assert plain("a\r\nb\rc\td\0\x1b\u202ee\ud800") == "a\nb\nc\tde"
    assert one_line("  two\n words ") == "two words"
    assert capped("  short ", 10) == "short"
