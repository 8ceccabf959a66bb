"""What is granted follows from the declarations, and a declaration that cannot be granted is named."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from agents.users.service import service as users
from bus.credentials import Credentials, credentials
from bus.ids import EpisodeId
from bus.messages.base import Command, Done, Event
from bus.messages.cloud import AskDeliveries
from bus.permissions import ADMIN, accounts_config, grants
from bus.server import render_config
from bus.service import Service
from bus.subjects import command_subject
from services.cloud.service import service as cloud
from services.gateway.service import service as gateway

EPISODE = EpisodeId("e_grantstestxx")


class Posted(Event):
    type: Literal["billing.entry.posted/1"] = "billing.entry.posted/1"


class Entry(Event):
    type: Literal["reward.entry/1"] = "reward.entry/1"


class Plan(Event):
    type: Literal["hidden.plan/1"] = "hidden.plan/1"


class Charge(Command[Done]):
    type: Literal["billing.charge/1"] = "billing.charge/1"


class CallTool(Command[Done]):
    type: Literal["gateway.call/1"] = "gateway.call/1"


async def _nothing(*_: Any, **__: Any) -> None:
    """These services only declare."""


def declared(name: str, **declaration: Any) -> Service:
    return Service(name, _nothing, **({"participant": False} | declaration))


BILLING = declared("billing", publishes=(Posted,), serves=(Charge,), participant=True)
SCORER = declared("scorer", publishes=(Entry,), subscribes=("billing",))
WORLD = declared("world", publishes=(Plan,))


def test_a_service_gets_what_it_declares() -> None:
    role = grants([BILLING, SCORER], EPISODE).role("billing")
    assert role.publish == (
        f"say.billing.{EPISODE}.entry.posted",
        f"cmd.{EPISODE}.world.ready",
        f"cmd.{EPISODE}.world.done",
        "$JS.API.DIRECT.GET.BILLING",
        "dead.billing",
    )
    assert role.subscribe == (f"clock.{EPISODE}.>", f"cmd.{EPISODE}.billing.>", "_INBOX_billing.>")
    assert role.answers
    assert not grants([BILLING, SCORER], EPISODE).role("scorer").answers


def test_readers_are_shown_their_families_and_nothing_hidden() -> None:
    accounts = accounts_config(
        grants([BILLING, SCORER, WORLD], EPISODE), dict.fromkeys(["billing", "scorer", "world", ADMIN], "x")
    )
    shown = {
        name: {family for family in ("REWARD", "BILLING", "HIDDEN") if family in str(accounts[name])}
        for name in accounts
    }
    assert shown["TRAIN"] == {"REWARD"}
    assert shown["VIEW"] == {"REWARD", "BILLING"}
    assert shown["OPERATOR"] == set()
    for name in ("TRAIN", "VIEW", "OPERATOR"):
        assert "hidden" not in str(accounts[name]).lower()
    assert [kind for entry in accounts["OPERATOR"]["imports"] for kind in entry] == ["service"]


@pytest.mark.parametrize(
    ("services", "complaint"),
    [
        ([BILLING, declared("other", publishes=(Posted,))], "'billing' is published by billing and by other"),
        ([BILLING, BILLING], "'billing': names must be unique"),
        ([declared("admin")], "'admin': names must be unique"),
        ([declared("a.b")], "'a.b': names must be"),
        ([declared("*")], "names must be"),
        ([SCORER, declared("t", subscribes=("billing",), account="TRAIN")], "t is in account TRAIN"),
        ([WORLD, declared("v", subscribes=("hidden",), account="VIEW")], "v is in account VIEW"),
        ([declared("v", subscribes=("dead",), account="VIEW")], "v is in account VIEW"),
        ([declared("v", publishes=(Entry,), account="VIEW")], "v is in account VIEW"),
        ([declared("o", subscribes=("reward",), account="OPERATOR")], "o is in account OPERATOR"),
        ([declared("o", asks=(Charge,), account="OPERATOR")], "o is in account OPERATOR: it cannot ask that"),
        ([declared("t", asks=(CallTool,), account="TRAIN")], "t is in account TRAIN: it cannot ask that"),
    ],
)
def test_a_declaration_that_cannot_be_granted_is_named(services: list[Service], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("*", ".").replace("a.b", r"a\.b")):
        grants(services, EPISODE)


def test_a_role_without_a_password_is_named() -> None:
    with pytest.raises(ValueError, match="no password for billing, scorer"):
        accounts_config(grants([BILLING, SCORER], EPISODE), {ADMIN: "secret", "billing": ""})


def test_the_configuration_of_a_broker_elsewhere(tmp_path: Path) -> None:
    granted = grants([BILLING], EPISODE)
    text = render_config(granted, {"billing": "p1", ADMIN: "p2"}, listen="0.0.0.0:4222", store=tmp_path)
    config = json.loads(text)
    assert (config["listen"], config["jetstream"]["store_dir"]) == ("0.0.0.0:4222", str(tmp_path))
    assert {user["user"] for user in config["accounts"]["SIM"]["users"]} == {"billing", ADMIN}


def test_credentials_travel_in_a_closed_file_and_never_in_a_log(tmp_path: Path) -> None:
    granted = grants([BILLING], EPISODE)
    made = credentials(granted, {"billing": "geheim", ADMIN: "x"}, "nats://127.0.0.1:4222")["billing"]
    file = tmp_path / "billing.json"
    made.write(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Credentials.read(file) == made
    assert "geheim" not in f"{made} {made!r}"
    with pytest.raises(FileExistsError):
        made.write(file)
    (tmp_path / "other").write_text("{}")
    with pytest.raises(ValidationError):
        Credentials.read(tmp_path / "other")


def test_only_those_who_simulate_receivers_may_ask_what_was_delivered() -> None:
    subject = command_subject(EPISODE, AskDeliveries)
    asking = {service.name for service in (users, cloud, gateway) if AskDeliveries in service.asks}
    assert asking == {"users"}
    assert subject in grants((users, cloud), EPISODE).role("users").publish
    with pytest.raises(ValueError, match="cannot ask that"):
        grants((cloud, Service("operator", _nothing, account="OPERATOR", asks=(AskDeliveries,))), EPISODE)
