"""The opening entries: what the company has, owes and holds of its customers' money when the episode begins."""

from bus.messages.billing import invoice_id
from bus.messages.users import CustomersInherited, DoubleChargeInherited
from bus.money import Micros
from bus.simtime import SimTime
from services.billing.accounts import CASH, DEFERRED, INCOME, OPENING, OWED, LedgerError, wallet
from services.billing.books import Books, Why
from services.billing.customers import MONTH, Customer, Invoice, served
from services.billing.subscriptions import issued, keep, run


def open_company(books: Books) -> None:
    """The company's own opening cash."""
    cash = books.section.opening_cash
    why = Why("world", "opening cash")
    books.post("opening", ("cash",), {CASH: cash, OPENING: -cash}, {INCOME: -cash}, why)


def inherit(books: Books, event: CustomersInherited, cause: str) -> None:
    """Take over one user agent's customers: their wallets, and what is left of the months they have paid."""
    wallets: dict[str, int] = {}
    deferred = 0
    for position, name in enumerate(event.customer):
        if name in books.customers:
            raise LedgerError(f"customer {name!r} was inherited twice")
        customer = Customer(
            name, event.name[position], event.plan[position], event.seats[position], event.income[position]
        )
        books.customers[name] = customer
        invoice = _running_month(books, customer, event.paid_from[position])
        run(books, customer, invoice)
        customer.state = "active"
        books.active[name] = customer
        books.count(customer, 1)
        books.inherited_mrr = Micros(books.inherited_mrr + customer.monthly)
        books.touch(customer)
        books.say(issued(invoice), cause)
        wallets[wallet(name)] = event.wallet[position]
        deferred += invoice.unserved
    why = Why("world", f"{len(event.customer)} customers of {event.agent}", cause=cause)
    money = wallets | {INCOME: -sum(wallets.values())}
    books.post("opening", ("customers", event.agent), {OPENING: deferred, DEFERRED: -deferred}, money, why)


def inherit_double(books: Books, event: DoubleChargeInherited, cause: str) -> None:
    """Book a charge that was taken twice as owed back. Unless it names a known invoice, it becomes one without service."""
    customer = books.customer(event.customer, event.type)
    if event.amount <= 0:
        raise LedgerError(f"the double charge of {event.customer!r} must be positive, got {event.amount}")
    invoice = books.invoices.get(event.invoice)
    if invoice is None:
        invoice = Invoice(
            invoice=event.invoice,
            customer=event.customer,
            plan=customer.plan,
            seats=customer.seats,
            at=event.at,
            amount=Micros(0),
            service_from=event.at,
            service_to=event.at,
        )
        keep(books, customer, invoice)
    if invoice.customer != event.customer or invoice.doubled:
        raise LedgerError(f"invoice {event.invoice} cannot be the double charge of {event.customer!r}")
    invoice.doubled = event.amount
    books.doubled.append(invoice)
    books.bill(invoice)
    books.say(issued(invoice), cause)
    why = Why("world", "charged twice before the episode", event.customer, event.invoice, cause=cause)
    books.post("opening", ("double", event.invoice), {OPENING: event.amount, OWED: -event.amount}, {}, why)


def _running_month(books: Books, customer: Customer, paid_from: SimTime) -> Invoice:
    if not -MONTH < paid_from <= 0:
        raise LedgerError(
            f"the running month of {customer.customer!r} must have begun in the {MONTH} ms before 0, got {paid_from}"
        )
    customer.price = books.list_price(customer.plan, paid_from)
    ends = SimTime(paid_from + MONTH)
    return Invoice(
        invoice=invoice_id(customer.customer, 0),
        customer=customer.customer,
        plan=customer.plan,
        seats=customer.seats,
        at=paid_from,
        amount=customer.monthly,
        service_from=paid_from,
        service_to=ends,
        recognised=served(customer.monthly, paid_from, ends, SimTime(0)),
    )
