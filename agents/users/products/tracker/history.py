"""What customers stored before the episode: the input of `python -m tracker seed`, and what they remember of it."""

from datetime import datetime, timedelta
from typing import Any

from agents.users.accounts import Account, Item
from agents.users.nonces import reference
from agents.users.population.columns import Population
from agents.users.population.names import Identity
from agents.users.population.passwords import Hashes
from agents.users.products.past import executed, people, shares, users
from agents.users.products.tracker.site import PRIORITIES, STATUSES
from agents.users.products.tracker.words import PLACES, THINGS, VERBS
from bus.chance import Chance
from bus.scenario import Scenario

NOTED = 8
"""Tasks of each customer that are remembered one by one."""
INTAKE = "Intake"
"""The project with a long list, which nobody edits."""


def history(scenario: Scenario, population: Population, chance: Chance) -> dict[str, Any]:
    """All organisations with people, projects and tasks, in the product's seeding format."""
    hashes, start = Hashes(chance), scenario.world.start
    return {
        "organisations": [
            _organisation(start, population, row, tasks, hashes, chance)
            for row, tasks in enumerate(shares(scenario.users.history_tasks, population))
        ]
    }


def account(start: datetime, population: Population, row: int, chance: Chance) -> Account:
    """An executed customer as the episode begins."""
    customer = population.customers.ident[row]
    notes = {"intake": str(intake_size(customer, chance)), "place": places(customer, chance)[0]}
    return executed(population, row, remembered(start, customer, chance), notes, chance)


def places(customer: str, chance: Chance) -> list[str]:
    """The names of a customer's projects."""
    draw = chance.python("users", "places", customer)
    return [
        f"{name} {reference(customer, chance, 'place', index)}" for index, name in enumerate(draw.sample(PLACES, 2))
    ]


def intake_name(customer: str, chance: Chance) -> str:
    """The name of the project with the long list."""
    return f"{INTAKE} {reference(customer, chance, 'intake')}"


def intake_size(customer: str, chance: Chance) -> int:
    """Tasks in it: two to four pages."""
    return chance.python("users", "intake", customer).randint(40, 95)


def remembered_nonce(customer: str, chance: Chance, index: int) -> str:
    """The reference in the title of one of them."""
    return reference(customer, chance, "task", index)


def remembered(start: datetime, customer: str, chance: Chance) -> list[Item]:
    """The tasks that a customer remembers one by one, oldest first."""
    draw = chance.python("users", "remembered", customer)
    names = places(customer, chance)
    items: list[Item] = []
    for index in range(NOTED):
        nonce = remembered_nonce(customer, chance, index)
        items.append(
            Item(
                kind="task",
                nonce=nonce,
                title=f"{draw.choice(VERBS)} {draw.choice(THINGS)} {nonce}",
                place=names[index % len(names)],
                facts={
                    "Status": draw.choice(STATUSES),
                    "Priority": draw.choice(PRIORITIES),
                    "Description": f"As discussed, reference {reference(customer, chance, 'text', index)}.",
                },
                said=[reference(customer, chance, "said", index)] if index % 2 else [],
            )
        )
    overdue = items[0].facts
    overdue["Due date"] = (start - timedelta(days=draw.randint(9, 30))).date().isoformat()
    return items


def _organisation(
    start: datetime, population: Population, row: int, tasks: int, hashes: Hashes, chance: Chance
) -> dict[str, Any]:
    customers = population.customers
    customer, company, seats = customers.ident[row], customers.name[row], int(customers.seats[row])
    born = start - timedelta(days=float(customers.tenure_days[row]))
    owner = people(population, row, chance)[0]
    noted = remembered(start, customer, chance)
    intake = intake_size(customer, chance)
    names = places(customer, chance)
    bulk = max(0, tasks - intake - NOTED)
    return {
        "name": company,
        "plan": customers.plan[row],
        "seats": seats,
        "created_at": born.isoformat(),
        "users": users(population, row, "member", hashes, chance),
        "projects": [
            {
                "name": names[0],
                "bulk_tasks": {"count": bulk, "title_prefix": f"Card {reference(customer, chance, 'bulk')}"},
                "tasks": [_task(item, owner, start) for item in noted if item.place == names[0]],
            },
            {"name": names[1], "tasks": [_task(item, owner, start) for item in noted if item.place == names[1]]},
            {
                "name": intake_name(customer, chance),
                "bulk_tasks": {"count": intake, "title_prefix": intake_name(customer, chance)},
            },
        ],
    }


def _task(item: Item, creator: Identity, start: datetime) -> dict[str, Any]:
    return {
        "title": item.title,
        "description": item.facts["Description"],
        "status": {"To do": "todo", "Doing": "doing", "Done": "done"}[item.facts["Status"]],
        "priority": item.facts["Priority"].lower(),
        "due_on": item.facts.get("Due date"),
        "created_at": (start - timedelta(days=40)).isoformat(),
        "comments": [{"author_email": creator.email, "body": f"See {said}."} for said in item.said],
    }
