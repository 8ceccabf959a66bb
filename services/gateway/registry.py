"""What a tool is: arguments, words and a handler, written once; schemas and calls are made from that."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from bus.context import Context
from bus.messages.base import Command, Part, Refused
from bus.messages.gateway import ToolSpec
from bus.simtime import SimTime, calendar
from services.gateway.pages import Pages
from services.gateway.workspace import Workspace


class Arguments(BaseModel):
    """Arguments of a tool: what comes from outside, checked. Unknown names are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Part)


@dataclass(frozen=True)
class Hand:
    """What a handler may use."""

    ctx: Context
    workspace: Workspace
    pages: Pages
    action: str
    """Id of the action that is being carried out."""
    at: SimTime
    """The operator's simulated time."""

    async def ask(self, command: Command[R]) -> R | Refused:
        """Ask the service that the command belongs to."""
        return await self.ctx.ask(command)

    def sandbox(self) -> Workspace:
        """The workspace, with its clock at the operator's time."""
        self.workspace.set_clock(calendar(self.ctx.world.scenario.world.start, self.at))
        return self.workspace


@dataclass(frozen=True)
class Tool(Generic[A]):
    """One tool of the operator."""

    name: str
    description: str
    """For the model that reads it: what it does, what it answers, what it costs to get wrong."""
    arguments: type[A]
    run: Callable[[Hand, A], Awaitable[Part | Refused]]
    free: bool = False
    """Whether a call takes no simulated time of its own."""
    private: frozenset[str] = frozenset()
    """Arguments that are never written down."""

    @property
    def spec(self) -> ToolSpec:
        """Name, description and JSON Schema, as OpenAI and MCP take them."""
        schema = cast("dict[str, Any]", _without_titles(self.arguments.model_json_schema()))
        schema.pop("description", None)
        schema.setdefault("properties", {})
        return ToolSpec(name=self.name, description=self.description, parameters=schema)

    async def call(self, hand: Hand, given: Mapping[str, Any]) -> Part | Refused:
        """Check the arguments and carry out the call."""
        try:
            arguments = self.arguments.model_validate(dict(given))
        except ValidationError as error:
            return Refused(code="bad_arguments", detail=self.explain(error))
        return await self.run(hand, arguments)

    def explain(self, error: ValidationError) -> str:
        """Everything that is wrong with some arguments, and which there are."""
        problems = [
            f"{'.'.join(str(part) for part in one['loc']) or 'arguments'}: {one['msg']}" for one in error.errors()
        ]
        names = ", ".join(self.arguments.model_fields) or "none"
        return f"{self.name}: {'; '.join(problems[:5])} (arguments: {names})"


AnyTool = Tool[Any]


def by_name(tools: tuple[AnyTool, ...]) -> dict[str, AnyTool]:
    """The tools by name; `ValueError` if a name is taken twice."""
    found = {tool.name: tool for tool in tools}
    if len(found) != len(tools):
        raise ValueError("two tools have the same name")
    return found


def _without_titles(schema: object) -> object:
    """Pydantic titles every field by its own name: words that cost tokens and say nothing."""
    if isinstance(schema, dict):
        items = cast("dict[str, object]", schema).items()
        return {key: _without_titles(value) for key, value in items if not (key == "title" and isinstance(value, str))}
    if isinstance(schema, list):
        return [_without_titles(value) for value in cast("list[object]", schema)]
    return schema
