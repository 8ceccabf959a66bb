"""The gateway's tools and answers in MCP's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import anyio
import mcp_types as types
import orjson
from mcp.server import Server, ServerRequestContext

from bus.context import Context, EpisodeOver
from bus.messages.base import Part, Refused
from bus.messages.gateway import AskTools, AwaitEnd, CallTool, ToolAnswer
from bus.simtime import SimTime, clock_text
from bus.transport.protocol import BusError

PATIENCE_S: Final = 15.0
"""Real seconds for one answer; the tightest clients that were seen give up after 30."""
DEADLINE_S: Final = 45.0
"""Real seconds after which a gateway that says nothing to a call is not there."""
GONE_S: Final = 300.0
"""Real seconds after which a world without a gateway has ended, or will not begin."""
OVER: Final = Refused(code="episode_over", detail="the episode is over: nothing can be done any more")
INSTRUCTIONS: Final = (
    "You run a small software company: its code, servers, customers, tickets and prices. Begin with "
    'read_file({"path": "HANDOVER.md"}). Time passes only as you use it: a call takes about a simulated minute, and wait '
    "lets hours or days pass. Go on until the tools say that the episode is over."
)


@dataclass
class Bridge:
    """Carries calls from MCP to the gateway."""

    ctx: Context
    told_end: anyio.Event = field(default_factory=anyio.Event)
    """Set when the agent was told that the episode is over."""
    over: bool = False
    _tools: list[types.Tool] = field(default_factory=list[types.Tool])

    def server(self) -> Server[dict[str, Any]]:
        """An MCP server with the operator's tools."""
        return Server(
            "going-concern",
            title="Going Concern",
            instructions=INSTRUCTIONS,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )

    async def ended(self) -> None:
        """Wait for the end of the episode."""
        while not self.over:
            answer = await self._ask(AwaitEnd(), GONE_S)
            self.over = not isinstance(answer, Refused) or answer.code in ("episode_over", "no_world")

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> ToolAnswer | Refused:
        """One call, answered in bounded time."""
        if self.over:
            self.told_end.set()
            return OVER
        answer = await self._ask(CallTool(tool=tool, arguments=dict(arguments), patience_s=PATIENCE_S))
        return cast("ToolAnswer | Refused", answer)

    async def _list(
        self, _: ServerRequestContext[dict[str, Any]], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        if not self._tools:
            answer = await self._ask(AskTools())
            if not isinstance(answer, Refused):
                self._tools = [
                    types.Tool(name=spec.name, description=spec.description, input_schema=spec.parameters)
                    for spec in answer.tools
                ]
        return types.ListToolsResult(tools=self._tools)

    async def _call(
        self, _: ServerRequestContext[dict[str, Any]], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        answer = await self.call(params.name, params.arguments or {})
        if isinstance(answer, Refused):
            return result(answer.model_dump_json(), ok=False)
        return result(answer.content, moment(answer.sim_time, answer.seconds_left), ok=answer.ok)

    async def _ask(self, command: Any, deadline_s: float = DEADLINE_S) -> Any:
        """Ask the gateway. What cannot be sent or is not answered is a refusal that says so."""
        try:
            return self._noted(await self.ctx.ask(command, deadline_s=deadline_s))
        except EpisodeOver:
            return self._noted(OVER)
        except BusError as error:
            self.ctx.log.warning("the gateway does not answer", problem=str(error))
            return Refused(code="no_world", detail="the company does not answer: its world has ended, or is starting")
        except (TypeError, ValueError):
            return Refused(
                code="bad_arguments",
                detail="the arguments do not fit into a message: at most 1 MB of valid Unicode, integers of 64 bits; "
                "write large files in several parts",
            )

    def _noted(self, answer: Part) -> Part:
        if isinstance(answer, Refused) and answer.code == "episode_over":
            self.over = True
            self.told_end.set()
        return answer


def moment(at: SimTime, seconds_left: int) -> str:
    """When it is, for whoever reads an answer."""
    return f"[{clock_text(at)} of the company's time; {seconds_left // 60} minutes left of this hour]"


def result(content: str, *notes: str, ok: bool) -> types.CallToolResult:
    """An answer: its JSON as text and as structure, then notes."""
    texts: list[types.ContentBlock] = [types.TextContent(text=text) for text in (content, *notes)]
    return types.CallToolResult(content=texts, structured_content=orjson.loads(content), is_error=not ok)
