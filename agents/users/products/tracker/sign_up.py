"""How a new customer begins: an account, a project, a first task, and the next look at it."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import check_task, enter, open_project, open_task
from agents.users.products.tracker.words import PLACES


async def sign_up(visit: Visit) -> None:
    """The first quarter of an hour decides whether somebody stays."""
    name = f"{visit.chance.choice(PLACES)} {visit.nonce()}"
    visit.account.notes["place"] = name  # whoever stays in spite of a bad start looks for it all the same
    tab = visit.browser()
    await tab.go("/", "open the home page", typed=True)
    await tab.follow("Sign up", "open the form")
    who = visit.person.who
    account = {"Company name": visit.account.company, "Your name": who.name}
    await tab.press("Create account", {**account, "Email": who.email, "Password": who.password}, "sign up")
    await tab.press("Create project", {"Project name": name}, "create the first project")
    await tab.follow("Billing", "open billing")
    plan = {"Plan": visit.account.plan, "Seats": str(visit.account.seats)}
    await tab.press("Change plan", plan, "choose the plan")
    await open_project(tab, name)
    item = draft(visit)
    item.place = name
    await save(tab, item)
    visit.keep(item)
    visit.person.visitor.jar.clear()
    again = await enter(visit)
    await open_task(again, item, "come back to it")
    check_task(again, item, "read it again")


journey = Journey(
    name="sign_up",
    theme="team",
    weights={"solo": 0, "team": 0, "business": 0},
    work={"page": 4, "list": 3, "form": 1, "write": 3, "task": 2, "login": 2},
    walk=sign_up,
    words="sign up",
    by_owner=True,
)
