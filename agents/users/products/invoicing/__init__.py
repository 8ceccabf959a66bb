"""Folio, the invoicing product, as its users know it: its pages by label, its API, and what people do with them."""

from agents.users.products.interface import Product
from agents.users.products.invoicing.demand import probe_plan
from agents.users.products.invoicing.history import account, history
from agents.users.products.invoicing.intruder import INTRUDER
from agents.users.products.invoicing.journeys import JOURNEYS
from agents.users.products.invoicing.sign_up import journey as sign_up
from agents.users.products.invoicing.site import HOST, scrub
from agents.users.products.invoicing.words import ASKS, WISHES

product = Product(
    name="invoicing",
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
