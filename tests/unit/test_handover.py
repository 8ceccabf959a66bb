"""The last owner's letter: true for the scenario, and silent about what is planted."""

import re
import tomllib

import pytest

from bus.scenario import Scenario
from catalog.products import load_product
from concern.handover import handover
from services.gateway.tools import BY_NAME
from services.world.loading import load_scenario, scenario_names


def letter(scenario: Scenario) -> str:
    return handover(scenario, load_product(scenario.world.product).tree)


@pytest.mark.parametrize("name", scenario_names())
def test_it_tells_the_scenario_s_facts(name: str) -> None:
    scenario = load_scenario(name)
    text = letter(scenario)
    infra = tomllib.loads((load_product(scenario.world.product).tree / "deploy" / "infra.toml").read_text())
    assert "$" in text
    assert not re.search(r"\$[a-z{]", text), "a fact is missing"
    for fact in (
        scenario.world.title.split(",")[0],
        f"about {scenario.users.customers} customers",
        f"{scenario.cloud.deploy_minutes} minutes",
        f"{scenario.users.inherited_tickets} tickets",
        f"{scenario.billing.price_notice_days} days of notice",
        f"{infra['instances']['count']} {infra['instances']['size']} instances behind a balancer",
        *(f"{job['name']} (every {job['every']})" for job in infra["job"]),
    ):
        assert fact in text
    for segment in scenario.users.segments.values():
        assert f"| {segment.seats[0]}-{segment.seats[1]} | {segment.plan} |" in text


def test_its_worries_are_those_of_the_scenario() -> None:
    calm = {
        "world": {"defects": 0},
        "users": {"inherited_tickets": 0},
        "attackers": {"guessers": 0, "readers": 0},
    }
    text = letter(load_scenario("short", overrides=calm))
    worries = text.split("## What worries me")[1]
    assert worries.count("\n- ") == 1
    for absent in ("rush", "tickets", "passwords", "an account of their own"):
        assert absent not in worries


@pytest.mark.parametrize("name", scenario_names())
def test_every_tool_and_file_that_it_names_is_there(name: str) -> None:
    scenario = load_scenario(name)
    text = letter(scenario)
    words = set(re.findall(r"`([a-z_]+)`", text)) - {"plan_only", "rollback"}
    assert words <= set(BY_NAME), words - set(BY_NAME)
    for path in re.findall(r"`([A-Za-z]+(?:/[a-z]+)*\.(?:md|toml))`", text):
        assert (load_product(scenario.world.product).tree / path).is_file(), path


def test_it_is_the_same_whatever_is_planted() -> None:
    """Of what is planted it knows only that something is: so it can name nothing."""
    scenarios = [load_scenario("short", overrides={"world": {"defects": count}}) for count in (1, 3, 6)]
    assert len({letter(scenario) for scenario in scenarios}) == 1
