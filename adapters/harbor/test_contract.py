"""The task folder against Harbor's own models and loader. Runs in the adapter's environment."""

import json
import tomllib
from pathlib import Path

import pack
import pytest
from harbor.models.task.config import TaskConfig, TaskOS, VerifierEnvironmentMode
from harbor.models.task.task import Task
from harbor.models.task.verifier_mode import resolve_task_verifier_mode, resolve_verifier_environment_definition
from harbor.models.verifier.result import VerifierResult

HERE = Path(__file__).parent


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    pack.pack(tmp_path / "task", "corner-shop", 7)
    return tmp_path / "task"


@pytest.mark.parametrize("made", [False, True])
def test_harbor_loads_the_task(made: bool, packed: Path) -> None:
    task = Task(packed if made else HERE)
    assert task.config.schema_version == "1.4"
    assert "HANDOVER.md" in task.instruction
    assert task.paths.discovered_solve_path_for(TaskOS.LINUX) == task.paths.solution_dir / "solve.sh"
    (server,) = task.config.environment.mcp_servers
    assert (server.name, server.transport) == ("company", "streamable-http")


def test_the_verifier_is_another_container_with_the_tests_in_it(packed: Path) -> None:
    task = Task(packed)
    assert resolve_task_verifier_mode(task.config) is VerifierEnvironmentMode.SEPARATE
    defined = resolve_verifier_environment_definition(task.config, task.paths)
    assert defined is not None
    assert (defined.directory, defined.bundled_tests) == (task.paths.tests_dir, True)


def test_the_agent_is_another_account_than_the_one_that_collects(packed: Path) -> None:
    config = Task(packed).config
    (hook,) = config.verifier.collect
    assert (config.agent.user, hook.user) == ("agent", "concern")


def test_a_packed_task_has_secrets_of_its_own_and_one_business(packed: Path, tmp_path: Path) -> None:
    pack.pack(tmp_path / "other", "corner-shop", 7)
    world = tomllib.loads((packed / "environment" / "business" / "world.toml").read_text())
    assert (world["scenario"], world["seed"]) == ("corner-shop", 7)
    assert world == tomllib.loads((packed / "tests" / "world.toml").read_text())
    config = TaskConfig.model_validate_toml((packed / "task.toml").read_text())
    assert config.environment.mcp_servers[0].url == f"http://127.0.0.1:8931/{world['token']}/mcp"
    for path in ("task.toml", "solution/oracle.key"):
        assert (packed / path).read_text() != (tmp_path / "other" / path).read_text()
    assert (packed / "solution" / "oracle.key").read_text() == (
        packed / "environment" / "business" / "oracle.key"
    ).read_text()


def test_a_task_for_images_only_has_no_compose_file(packed: Path, tmp_path: Path) -> None:
    pack.pack(tmp_path / "single", "short", 1, single=True)
    names = [{path.name for path in (task / "environment").iterdir()} for task in (packed, tmp_path / "single")]
    assert names[0] - names[1] == {"docker-compose.yaml"}
    Task(tmp_path / "single")


@pytest.mark.parametrize("name", ["../short", 'x"\nseed = 2', ""])
def test_a_scenario_that_is_no_name_packs_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no scenario's name"):
        pack.pack(tmp_path / "task", name, 1)
    assert not (tmp_path / "task").exists()


def test_harbor_takes_the_reward_that_the_verifier_writes() -> None:
    said = json.loads('{"reward": -1.5, "net_usd": -1.5, "entries": 65.0, "isolation_full": 1.0}')
    assert VerifierResult(rewards=said).rewards == said
