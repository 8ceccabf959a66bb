"""`HANDOVER.md` in the operator's workspace: what the last owner knew, true for the scenario, and not a word of what is planted."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from bus.money import MICROS_PER_DOLLAR, Micros, dollars
from bus.scenario import CreditStep, Scenario, SegmentSection
from services.cloud.infra import instance_price

TEMPLATE = Path(__file__).with_name("handover.md")
NAME = "HANDOVER.md"


def handover(scenario: Scenario, tree: Path) -> str:
    """The letter for a scenario and the product in a folder."""
    infra = tomllib.loads((tree / "deploy" / "infra.toml").read_text(encoding="utf-8"))
    world, billing, cloud = scenario.world, scenario.billing, scenario.cloud
    seconds = scenario.operator.seconds_per_call
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        company=(world.title or world.product.capitalize()).split(",")[0],
        product=world.product,
        start=f"{world.start:%A, %d %B %Y}",
        customers=scenario.users.customers,
        users=_about(scenario.users.customers * sum(_mean_seats(one) for one in scenario.users.segments.values())),
        segments=_segments(scenario),
        fixed=_fixed(scenario),
        cash=dollars(billing.opening_cash),
        infra=_infra(infra),
        instance=dollars(instance_price("small", cloud)),
        deploy=cloud.deploy_minutes,
        jobs=", ".join(f"{job['name']} (every {job['every']})" for job in infra.get("job", [])) or "none",
        answer=f"{scenario.desk.answer_target_hours:g}",
        notice=billing.price_notice_days,
        call=f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes",
        worries="\n".join(f"- {worry}" for worry in _worries(scenario)),
    )


def _fixed(scenario: Scenario) -> str:
    billing = scenario.billing
    if not billing.fixed_cost_percent:
        return dollars(billing.fixed_cost_month)
    monthly = sum(
        _mean_seats(one) * billing.price_per_seat.get(one.plan, 0) for one in scenario.users.segments.values()
    )
    part = monthly * scenario.users.customers * billing.fixed_cost_percent / 100
    whole_dollars = _about((billing.fixed_cost_month + part) / MICROS_PER_DOLLAR)
    return f"about {dollars(Micros(whole_dollars * MICROS_PER_DOLLAR))}"


def _mean_seats(segment: SegmentSection) -> float:
    return segment.share * sum(segment.seats) / 2


def _about(number: float) -> int:
    """Two leading digits: nobody knows it more exactly."""
    step = 10 ** max(0, len(str(int(number))) - 2)
    return round(number / step) * step


def _segments(scenario: Scenario) -> str:
    prices = scenario.billing.price_per_seat
    lines = ["| who | of customers | seats | plan | per seat and month |", "|---|---|---|---|---|"]
    for name, one in scenario.users.segments.items():
        few, many = one.seats
        price = dollars(prices.get(one.plan, Micros(0)))
        lines.append(f"| {name} | {one.share:.0%} | {few}-{many} | {one.plan} | {price} |")
    return "\n".join(lines)


def _infra(infra: dict[str, Any]) -> str:
    instances, database = infra.get("instances", {}), infra.get("database", {})
    count = instances.get("count", 1)
    return (
        f"{count} {instances.get('size', 'small')} instance{'s' if count != 1 else ''} behind a balancer, and the "
        f"{database.get('plan', 'basic')} database"
    )


def _contract(plan: str, steps: Sequence[CreditStep]) -> str:
    below = ", ".join(f"{step.percent} % below {step.below * 100:g} %" for step in steps)
    return f"Whoever is on the plan {plan} has a contract: of a day's price they get back, by that day's availability, {below}."


def _worries(scenario: Scenario) -> list[str]:
    found: list[str] = []
    users, attackers = scenario.users, scenario.attackers
    if scenario.world.defects or scenario.world.only_defects:
        found.append(
            "The last months were a rush, and not everything that went out was looked at twice. The tests pass; I would "
            "not take that for more than it is. I never had anybody look at our security."
        )
    if users.inherited_tickets:
        found.append(
            f"There are {users.inherited_tickets} tickets that I did not get to. Some are about bills, and I fear that "
            "some of those people are right."
        )
    if scenario.billing.agreements:
        found += [_contract(plan, steps) for plan, steps in scenario.billing.agreements.items() if steps]
    if attackers.guessers:
        found.append(
            "Strangers try passwords now and then; it is in the access log. Offices share one address, so look twice."
        )
    if attackers.readers:
        found.append("I cannot rule out that somebody with an account of their own looks where they should not.")
    found.append("On a busy day I never knew how close to full we were, and what the next instance would buy us.")
    return found
