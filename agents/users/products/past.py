"""What the pasts of all products' customers have in common: who has an account, and how much of the history is whose."""

from typing import Any

from agents.users.accounts import Account, Item, staff
from agents.users.population.columns import Population
from agents.users.population.names import Identity, identity
from agents.users.population.passwords import Hashes, stored_password
from bus.chance import Chance


def people_in_product(seats: int) -> int:
    """Accounts that exist: from three seats on, one is free for a guest who comes and goes."""
    return seats if seats < 3 else seats - 1


def people(population: Population, row: int, chance: Chance) -> list[Identity]:
    """Those of a customer who have an account, the owner first."""
    customers = population.customers
    customer, company = customers.ident[row], customers.name[row]
    return [identity(customer, company, seat, chance) for seat in range(people_in_product(int(customers.seats[row])))]


def users(population: Population, row: int, others: str, hashes: Hashes, chance: Chance) -> list[dict[str, Any]]:
    """The same people in a product's seeding format; whoever is not the owner has the role `others`."""
    executed = bool(population.customers.panel[row])
    return [
        {
            "name": who.name,
            "email": who.email,
            "password_hash": hashes.of(stored_password(who, row, seat, executed=executed)),
            "role": "owner" if seat == 0 else others,
        }
        for seat, who in enumerate(people(population, row, chance))
    ]


def shares(count: int, population: Population) -> list[int]:
    """How many of so many things each customer has, by seats."""
    seats = population.customers.seats
    return [round(count * int(mine) / int(seats.sum())) for mine in seats]


def executed(population: Population, row: int, items: list[Item], notes: dict[str, str], chance: Chance) -> Account:
    """An executed customer as the episode begins, with what it remembers."""
    customers = population.customers
    customer, company, seats = customers.ident[row], customers.name[row], int(customers.seats[row])
    return Account(
        row=row,
        customer=customer,
        company=company,
        people=staff(customer, company, customers.address[row], people_in_product(seats), chance),
        plan=customers.plan[row],
        seats=seats,
        items=items,
        notes=notes,
    )
