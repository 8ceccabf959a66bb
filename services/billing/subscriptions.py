"""What customers do: come with the company, sign up, renew, change and leave; and what that charges."""

import heapq

from bus.messages.billing import InvoiceIssued, InvoiceRefunded, SubscriptionChanged, invoice_id
from bus.messages.users import CustomerChanged, CustomerChurned, CustomerJoined
from bus.money import Micros, share
from bus.simtime import SimTime
from services.billing.accounts import CASH, DEFERRED, INCOME, VENDORS, LedgerError, cost, wallet
from services.billing.books import Books, Why
from services.billing.credits import pay_credit
from services.billing.customers import MONTH, Customer, Invoice
from services.billing.recognition import serve

_PPM = 1_000_000


def join(books: Books, event: CustomerJoined, cause: str) -> None:
    """Book the acquisition, open the wallet and charge the first month. A former customer keeps its old wallet."""
    if event.seats < 1:
        raise LedgerError(f"customer {event.customer!r} signed up with {event.seats} seats")
    if event.customer in books.active:
        raise LedgerError(f"customer {event.customer!r} signed up while subscribed")
    new = event.customer not in books.customers
    customer = books.customers.setdefault(
        event.customer, Customer(event.customer, event.name, event.plan, event.seats, event.income)
    )
    customer.plan, customer.seats = event.plan, event.seats
    if new:
        held = {wallet(event.customer): event.wallet, INCOME: -event.wallet}
        why = Why("world", "opening money of a new customer", event.customer, cause=cause)
        books.post("wallet_income", ("joined", event.customer), {}, held, why)
    spent = books.section.acquisition
    books.post(
        "acquisition",
        (cause,),
        {cost("acquisition"): spent, CASH: -spent},
        {VENDORS: spent},
        Why("company", "marketing per new customer", event.customer, cause=cause),
    )
    _subscribe(books, customer, books.now, cause)


def change(books: Books, event: CustomerChanged, cause: str) -> None:
    """Move to another plan or number of seats: the rest of the month is given back and charged anew, pro rata.

    The renewal day stays. More seats on the same plan cost what the running month costs; another plan costs its list
    price. A customer that cannot pay the difference keeps what it has.
    """
    customer = books.customer(event.customer, event.type)
    if customer.running is None:  # it left or could not pay earlier in this tick
        return
    if event.seats < 1:
        raise LedgerError(f"customer {event.customer!r} changed to {event.seats} seats")
    old = customer.running
    price = customer.price if event.plan == customer.plan else books.list_price(event.plan, books.now)
    length = old.service_to - books.now
    if length > 0 and (event.plan, event.seats) != (customer.plan, customer.seats):
        serve(books, old, books.now)
        amount = share(Micros(price * event.seats), length, MONTH)
        if books.ledger.wallet(customer.customer) + old.unserved_due < amount:
            return
        give_back_unserved(books, old, "plan or seats changed", cause)
        _retake(books, customer, event, price)
        _charge(books, customer, amount, (books.now, old.service_to), cause)
    else:
        _retake(books, customer, event, price)
    books.touch(customer)
    changed = SubscriptionChanged(customer=customer.customer, state="active", plan=event.plan, seats=event.seats)
    books.say(changed, cause)


def leave(books: Books, event: CustomerChurned, cause: str) -> None:
    """End a subscription at once: what was paid and not served goes back to the wallet, credits too."""
    customer = books.customer(event.customer, event.type)
    if customer.running is None:  # it could not pay earlier: its subscription is over already
        return
    serve(books, customer.running, books.now)
    give_back_unserved(books, customer.running, f"left: {event.reason}", cause)
    books.set_state(customer, "ended", cause)
    pay_credit(books, customer)


def renew_due(books: Books) -> None:
    """Pay incomes and charge the next month for all whose month is over; who cannot pay loses the subscription."""
    due: list[tuple[Customer, Invoice]] = []
    while books.due and books.due[0][0] <= books.now:
        _, name, invoice = heapq.heappop(books.due)
        customer = books.customers[name]
        if customer.running is not None and customer.running.invoice == invoice:
            due.append((customer, customer.running))
    incomes = {wallet(customer.customer): customer.income for customer, _ in due}
    why = Why("world", f"monthly income of {len(due)} customers")
    books.post("wallet_income", ("monthly", books.tick), {}, incomes | {INCOME: -sum(incomes.values())}, why)
    for customer, over in due:
        serve(books, over, over.service_to)
        pay_credit(books, customer)
        _subscribe(books, customer, over.service_to, None)


def book_fees(books: Books) -> None:
    """One entry for processing all charges of this stage."""
    section = books.section
    rate = round(section.payment_fee_share * _PPM)
    fee = sum(share(amount, rate, _PPM) + section.payment_fee for amount in books.payments)
    why = Why("company", f"processing {len(books.payments)} payments")
    books.post("fee", (books.tick,), {cost("fees"): fee, CASH: -fee}, {VENDORS: fee}, why)
    books.payments.clear()


def give_back_unserved(books: Books, invoice: Invoice, reason: str, cause: str | None) -> None:
    """End an invoice's service now. What was not served goes back to the wallet, as far as it was not given back before.

    Where it was, the prepaid rest is no longer owed to anybody and lowers the cost of that earlier refund.
    """
    unserved, back = invoice.unserved, invoice.unserved_due
    books.post(
        "refund",
        ("end", invoice.invoice),
        {DEFERRED: unserved, CASH: -back, cost("refunds"): back - unserved},
        {wallet(invoice.customer): back},
        Why("customer", reason, invoice.customer, invoice.invoice, answers=invoice.entry, cause=cause),
    )
    invoice.returned = Micros(invoice.returned + back)
    invoice.ended_at = books.now
    books.bill(invoice)
    if back:
        refunded = InvoiceRefunded(
            invoice=invoice.invoice,
            customer=invoice.customer,
            amount=back,
            by="cancellation",
            reason=reason,
        )
        books.say(refunded, cause)


def _subscribe(books: Books, customer: Customer, begins: SimTime, cause: str | None) -> None:
    """Charge a month from `begins` at the price of months that begin then; who cannot pay is not subscribed."""
    price = books.list_price(customer.plan, begins)
    amount = Micros(price * customer.seats)
    if books.ledger.wallet(customer.customer) < amount:
        books.set_state(customer, "unpaid", cause)
        return
    if customer.state == "active":
        books.count(customer, -1)
        customer.price = price
        books.count(customer, 1)
    else:
        customer.price = price
        books.set_state(customer, "active", cause)
    _charge(books, customer, amount, (begins, SimTime(begins + MONTH)), cause)


def _charge(
    books: Books, customer: Customer, amount: Micros, period: tuple[SimTime, SimTime], cause: str | None
) -> None:
    """Take a month's (or the rest of a month's) price from a wallet that holds it."""
    begins, ends = period
    if customer.last is not None and begins < customer.last.served_to:
        raise LedgerError(f"{customer.customer!r} would be charged twice for the time from {begins}")
    invoice = Invoice(
        invoice=invoice_id(customer.customer, customer.charges),
        customer=customer.customer,
        plan=customer.plan,
        seats=customer.seats,
        at=books.now,
        amount=amount,
        service_from=begins,
        service_to=ends,
    )
    invoice.entry = books.post(
        "charge",
        (invoice.invoice,),
        {CASH: amount, DEFERRED: -amount},
        {wallet(customer.customer): -amount},
        Why("customer", f"{customer.plan} x {customer.seats}", customer.customer, invoice.invoice, cause=cause),
    )
    if amount:
        books.payments.append(amount)
    run(books, customer, invoice)
    books.say(issued(invoice), cause)


def run(books: Books, customer: Customer, invoice: Invoice) -> None:
    """Make an invoice the running month of its customer."""
    keep(books, customer, invoice)
    customer.running = customer.last = invoice
    customer.charges += 1
    heapq.heappush(books.due, (invoice.service_to, customer.customer, invoice.invoice))


def keep(books: Books, customer: Customer, invoice: Invoice) -> None:
    """File a new invoice. `LedgerError` if its id was used before."""
    if invoice.invoice in books.invoices:
        raise LedgerError(f"invoice {invoice.invoice} of {customer.customer!r} was issued before")
    books.invoices[invoice.invoice] = invoice
    customer.invoices.append(invoice)
    books.bill(invoice)


def issued(invoice: Invoice) -> InvoiceIssued:
    """What is told of a new invoice."""
    return InvoiceIssued(
        invoice=invoice.invoice,
        customer=invoice.customer,
        plan=invoice.plan,
        seats=invoice.seats,
        amount=invoice.charged,
        service_from=invoice.service_from,
        service_to=invoice.service_to,
    )


def _retake(books: Books, customer: Customer, event: CustomerChanged, price: Micros) -> None:
    books.count(customer, -1)
    customer.plan, customer.seats, customer.price = event.plan, event.seats, price
    books.count(customer, 1)
