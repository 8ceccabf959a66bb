"""Look at what is paid for, and save it unchanged."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_text, enter


async def billing(visit: Visit) -> None:
    """Plan and seats must be what they were; saving the form must keep them."""
    tab = await enter(visit)
    await tab.follow("Billing", "open billing")
    form = tab.page.form("Change plan")
    plan, seats = (form.labelled("Plan"), form.labelled("Seats")) if form else (None, None)
    if plan is None or seats is None:
        raise tab.failure("error", "open billing", "plan and seats are not shown")
    bill = Item(kind="bill", nonce="bill", title="bill")
    if plan.value.casefold() != visit.account.plan or seats.value != str(visit.account.seats):
        raise tab.failure("lost_item", "read the bill", f"it says {plan.value}, {seats.value} seats")
    await tab.press("Change plan", {"Plan": plan.value, "Seats": seats.value}, "save the plan")
    check_text(tab, str(visit.account.seats), "read what was saved", bill, "failed_save")


journey = Journey(
    name="billing",
    theme="team",
    weights={"solo": 1, "team": 1, "business": 1},
    work={"list": 1, "page": 2, "write": 1, "login": 0.1},
    walk=billing,
    words="check our plan",
    by_owner=True,
)
