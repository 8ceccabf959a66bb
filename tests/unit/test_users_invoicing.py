"""What a customer of the invoicing product reckons by itself, and what it remembers."""

import pytest

from agents.users.history import history
from agents.users.market import Market
from agents.users.population.draw import draw
from agents.users.products import product_named
from agents.users.products.invoicing.sums import Work, read, reckon, shown
from agents.web.api import ApiClient
from agents.web.browser import Visitor
from agents.web.wire import Door, Request, Response
from bus.chance import Chance
from bus.messages.users import TicketAsked
from services.world.loading import load_scenario


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def work(price: str, quantity: str = "1", discount: str = "", rate: str = "19") -> Work:
    return Work("Parts", quantity, price, discount, rate)


def test_a_line_is_rounded_and_the_tax_of_a_rate_once() -> None:
    assert work("3.33", "1.5").net == 500
    assert work("1.05", discount="50").net == 53
    sums = reckon([work("0.13")] * 10 + [work("99.99", rate="7")])
    assert sums.taxes == {"19": 25, "7": 700}
    assert sums.total == 130 + 9999 + 725


@pytest.mark.parametrize("cents", [0, 5, 123456789, -1050])
def test_amounts_are_read_as_they_are_shown(cents: int) -> None:
    assert read(f"{shown(cents)} EUR") == cents
    assert read("nothing") is None


def test_amounts_in_files_have_no_groups() -> None:
    assert read("1724.10") == 172410


def test_the_history_holds_what_is_remembered() -> None:
    scenario, chance = load_scenario("folio"), Chance(2)
    population = draw(scenario, chance)
    firms = history(scenario, chance)["firms"]
    assert 5_950 <= sum(len(firm["invoices"]) + firm["bulk_invoices"]["count"] for firm in firms) < 6_600
    emails = [user["email"] for firm in firms for user in firm["users"]]
    assert len(set(emails)) == len(emails)
    for row, firm in enumerate(firms):
        account = product_named("invoicing").account(scenario.world.start, population, row, chance)
        subjects = [invoice["subject"] for invoice in firm["invoices"]]
        assert [item.title for item in account.known("invoice")] == subjects
        assert {item.title for item in account.known("client")} == {client["name"] for client in firm["clients"]}


@pytest.mark.parametrize("name", ["short", "folio"])
def test_customers_ask_about_the_product_that_they_have(name: str) -> None:
    scenario = load_scenario(name, overrides={"users": {"inherited_tickets": 30}})
    product = product_named(scenario.world.product)
    events = [one.event for one in Market(scenario, Chance(1), product).inherited()]
    asked = [event for event in events if isinstance(event, TicketAsked) and event.topic in ("question", "request")]
    assert len(asked) > 10
    assert {event.subject for event in asked} <= {subject for _, subject in (*product.asks, *product.wishes)}


class Listening(Door):
    """A door that keeps what goes through, and answers nothing."""

    def __init__(self) -> None:
        self.heard: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.heard.append(request)
        return Response(204, {})


@pytest.mark.anyio
async def test_a_program_names_a_request_that_it_may_repeat() -> None:
    door = Listening()
    program = ApiClient(door, Visitor("203.0.113.9", "x", "en"), "app.example", "fol_x")
    await program.call("POST", "/api/v1/payments", "pay", {"amount": "1"}, expect=(204,), once="k1")
    await program.call("GET", "/api/v1/payments", "look", expect=(204,))
    assert [request.headers.get("Idempotency-Key") for request in door.heard] == ["k1", None]


def test_ids_and_links_are_taken_out_of_texts() -> None:
    scrub = product_named("invoicing").scrub
    text = "/view/abcdefghijkl/" + "x" * 43 + " /invoices/abcdefghijkl/print fol_secret-1 2026-0001"
    assert scrub(text) == "/view/… /invoices/…/print … 2026-0001"
