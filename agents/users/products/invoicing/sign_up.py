"""How a new customer begins: an account, a profile, a first client, a first invoice, and the next look at it."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.invoicing.site import check_invoice, draft, enter, issue, open_item, write
from agents.users.products.invoicing.sums import some_work
from agents.users.products.invoicing.words import CLIENTS


async def sign_up(visit: Visit) -> None:
    """The first quarter of an hour decides whether somebody stays."""
    nonce = visit.nonce()
    name = f"{visit.chance.choice(CLIENTS)} {nonce}"
    visit.account.notes["client"] = name  # whoever stays in spite of a bad start looks for it all the same
    tab = visit.browser()
    await tab.go("/", "open the home page", typed=True)
    await tab.follow("Sign up", "open the form")
    who = visit.person.who
    firm = {"Firm name": visit.account.company, "Your name": who.name}
    await tab.press("Create account", {**firm, "Email": who.email, "Password": who.password}, "sign up")
    await tab.follow("Firm", "open the profile")
    await tab.press("Save profile", {"Address": "9 New Street", "VAT number": "XX12345678"}, "save the profile")
    await tab.follow("Clients", "open the clients")
    await tab.follow("New client", "open the form")
    await tab.press("Add client", {"Client name": name, "Email": "pay@client.example"}, "add the first client")
    visit.keep(Item(kind="client", nonce=nonce, title=name, target=tab.target))
    item = draft(visit)
    await write(tab, item, some_work(visit.chance, 2))
    await issue(visit, tab, item)
    visit.keep(item)
    visit.person.visitor.jar.clear()
    again = await enter(visit)
    await open_item(again, item, "come back to it")
    check_invoice(again, item, "read it again")


journey = Journey(
    name="sign_up",
    theme="team",
    weights={"solo": 0, "team": 0, "business": 0},
    work={"page": 6, "list": 2, "form": 2, "write": 6, "issue": 1, "document": 5, "login": 2},
    walk=sign_up,
    words="sign up",
    by_owner=True,
)
