"""The team task tracker, as its users know it: its pages by label, its API, and what people do with them."""

from agents.users.products.interface import Product
from agents.users.products.tracker.asks import ASKS, WISHES
from agents.users.products.tracker.demand import probe_plan
from agents.users.products.tracker.history import account, history
from agents.users.products.tracker.intruder import INTRUDER
from agents.users.products.tracker.journeys import JOURNEYS
from agents.users.products.tracker.sign_up import journey as sign_up
from agents.users.products.tracker.site import HOST, scrub

product = Product(
    name="tracker",
    host=HOST,
    journeys=JOURNEYS,
    sign_up=sign_up,
    history=history,
    account=account,
    probe_plan=probe_plan,
    scrub=scrub,
    intruder=INTRUDER,
    asks=ASKS,
    wishes=WISHES,
)
