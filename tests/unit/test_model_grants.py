"""Who may charge, run a harness and tell of outages: the host of a model, and no other operator."""

from pathlib import Path

import pytest

from agents.operator.hosting import DEFAULT_URL, NoEndpoint, endpoint_of, hosted
from agents.operator.service import model_operator
from bus.ids import EpisodeId
from bus.permissions import grants
from bus.scenario import OperatorSection
from bus.world import World, WorldFile
from concern import cast
from services.gateway.tools import BY_NAME
from services.world.loading import load_scenario

EPISODE = EpisodeId("e_madeupworldx")
TRUSTED = {"charge", "harness", "outage"}


async def _nothing(*_: object, **__: object) -> None:
    """A role that is only declared."""


def verbs(operator: str, model: str | None, root: Path) -> set[str]:
    """What the operator's role may ask the gateway."""
    file = WorldFile(
        episode=EPISODE,
        seed=1,
        scenario=load_scenario("short"),
        operator=operator,
        model=model,
        isolation="full",
        planted=(),
    )
    role = grants(cast.everybody(World(file, root)), EPISODE).role("operator")
    assert role.account == "OPERATOR"
    assert all(subject.split(".")[2] == "gateway" for subject in role.publish)
    return {subject.split(".")[3] for subject in role.publish}


def test_a_models_host_may(tmp_path: Path) -> None:
    assert verbs("llm", "m", tmp_path) >= TRUSTED


@pytest.mark.parametrize("operator", ["noop", "reactive", "oracle", "mcp"])
def test_no_other_operator_may(tmp_path: Path, operator: str) -> None:
    assert not verbs(operator, None, tmp_path) & TRUSTED


def test_none_of_it_is_a_tool() -> None:
    assert not TRUSTED & BY_NAME.keys()


def test_the_environment_names_the_endpoint_and_keeps_its_key_out_of_sight() -> None:
    section = OperatorSection(answer_seconds=7)
    endpoint = endpoint_of("m", section, {"OPENAI_API_KEY": "sk-hush", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
    assert (endpoint.base_url, endpoint.key, endpoint.model, endpoint.seconds) == (
        "http://127.0.0.1:1/v1",
        "sk-hush",
        "m",
        7,
    )
    assert "sk-hush" not in repr(endpoint)
    assert endpoint_of("m", section, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": ""}).base_url == DEFAULT_URL
    with pytest.raises(NoEndpoint, match="set OPENAI_API_KEY"):
        hosted("m", section, {})
    assert hosted("m", section, {"OPENAI_API_KEY": "k"}).asks == model_operator(_nothing).asks
