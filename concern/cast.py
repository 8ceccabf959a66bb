"""Who plays in a world: every service and agent, as declared by itself."""

import os
from collections.abc import Mapping

import anyio

from bus.messages.clock import Regulate, Void
from bus.messages.gateway import AskTools, AwaitEnd, BeginTurn, CallTool, EndTurn
from bus.service import Service
from bus.world import World
from catalog.builds import work_for
from catalog.choices import hosting_named, load_choices
from catalog.products import load_product

MODEL_VARIABLE = "OPENAI_BASE_URL"
"""Environment: where a model for the customers' voices is."""
MCP = "mcp"
"""The operator that is a foreign agent."""
LLM = "llm"
"""The operator that is a language model in our loop."""
CLIENT = "client"
"""The operator that an episode client plays: a trainer's process."""
FOREIGN = (MCP, CLIENT)
"""Operators that are not ours to run: whoever holds their key plays them."""


async def _outside(*_: object, **__: object) -> None:
    """Roles that are not ours to run: they connect from outside."""
    await anyio.lowlevel.checkpoint()


SUPERVISOR = Service(name="supervisor", run=_outside, subscribes=("clock",), asks=(Regulate, Void), participant=False)
"""Hosts the others, moves the clock for whoever watches, and voids the episode when one of them dies."""
PLAYER = Service(
    name="operator",
    run=_outside,
    asks=(AskTools, AwaitEnd, BeginTurn, CallTool, EndTurn),
    account="OPERATOR",
    participant=False,
)
"""The operator's role where the episode client plays it."""
TRAINER = Service(name="trainer", run=_outside, subscribes=("reward",), account="TRAIN", participant=False)
"""External trainers: they read the reward and nothing else."""


def services() -> tuple[Service, ...]:
    """The services that keep state."""
    from services.billing.service import service as billing
    from services.cloud.service import service as cloud
    from services.desk.service import service as desk
    from services.gateway.service import service as gateway
    from services.recorder.service import service as recorder
    from services.scorer.service import service as scorer
    from services.world.service import service as world

    return (world, cloud, desk, billing, scorer, recorder, gateway)


def operators() -> Mapping[str, str]:
    """Who can run the company, and what each does, in one line."""
    from agents.operator.policies import POLICIES

    return {name: policy.does for name, policy in POLICIES.items()} | {
        LLM: "a language model (--model) at an OpenAI-compatible endpoint (docs/model-operator.md)",
        MCP: "an agent of yours, over the Model Context Protocol (docs/mcp.md)",
    }


def operator(world: World) -> Service:
    """The operator's role. A foreign one and a model are declared here, and played where their agent or endpoint is."""
    if world.file.operator == CLIENT:
        return PLAYER
    if world.file.operator == MCP:
        from services.gateway.mcp.service import foreign_operator

        return foreign_operator(_outside)
    # Here, so that a trainer's world does not load what scripted operators do.
    from agents.operator.service import model_operator, operator_service

    if world.file.operator == LLM:
        return model_operator(_outside)
    section, file = world.scenario, world.file
    product = section.world.product
    known = work_for(file.operator, product, file.planted, section.users.wishes, world.chance)
    return operator_service(file.operator, known, hosting_of(product, file.operator))


def hosting_of(product: str, operator: str) -> str | None:
    """The hosting that an operator called `choice/option` decides for; None for all others."""
    own = load_product(product).tree / "deploy" / "infra.toml"
    return hosting_named(product, operator, own.read_text(encoding="utf-8")) if "/" in operator else None


def manners(product: str) -> tuple[str, ...]:
    """Operators that differ in one decision only, as `question/option` (`concern taste`)."""
    from agents.operator.policies.manners import MANNERS

    hosting = (option.full_name for choice in load_choices(product).values() for option in choice.options)
    return (*MANNERS, *hosting)


def agents(world: World) -> tuple[Service, ...]:
    """The agents that decide, the operator among them."""
    from agents.attackers.service import service as attackers
    from agents.users.service import users_service

    return (users_service(world.file.shards, os.environ.get(MODEL_VARIABLE)), attackers, operator(world))


def shards(world: World) -> tuple[Service, ...]:
    """The parts of the market that run in processes of their own; none in a world whose users are one process."""
    from agents.users.shard import shard_service

    count = world.file.shards
    return tuple(shard_service(shard, count) for shard in range(count)) if count > 1 else ()


def outsiders() -> tuple[Service, ...]:
    """Roles that are granted but not hosted: the viewer and the trainer."""
    from tui.viewer import viewer

    return (viewer, TRAINER, SUPERVISOR)


def everybody(world: World) -> tuple[Service, ...]:
    """All roles, for the broker's permissions."""
    return (*services(), *agents(world), *shards(world), *outsiders())
