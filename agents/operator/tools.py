"""What a policy holds in its hand: turns and tools, as the gateway offers them to any operator."""

from typing import Any, Literal, TypeVar, cast

import orjson
import structlog

from bus.context import Context, EpisodeOver
from bus.messages.base import Done, Part, Refused
from bus.messages.billing import Account, Finances, Refunded
from bus.messages.cloud import FailedLogins, FirewallRules, InfraPlan, InstanceList, JobState, JobTicket
from bus.messages.desk import InboxPage, TicketThread
from bus.messages.gateway import BeginTurn, CallTool, EndTurn, ToolAnswer, Turn
from bus.money import Micros
from bus.simtime import SimTime

DEADLINE_S = 3000.0
"""Real seconds for one answer: a call that runs past its hour is answered a whole tick later. Below the hour for which
the bus lets an answer through."""

M = TypeVar("M", bound=Part)


class ToolRefused(Exception):
    """A tool said no: nothing has changed but the time."""

    def __init__(self, tool: str, code: str, detail: str) -> None:
        super().__init__(f"{tool}: {code}: {detail}")
        self.tool = tool
        self.code = code
        self.detail = detail


class CommandEnded(Part):
    """How a shell command in the workspace ended."""

    exit_code: int
    output: str
    timed_out: bool
    cut: bool


class Tools:
    """The tools by name, and helpers for those that scripted policies use.

    Every method raises `EpisodeOver` when the episode is over, which ends the policy, and `ToolRefused` when the tool
    refuses.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.now = SimTime(0)
        """Simulated time of the last answer."""

    @property
    def log(self) -> structlog.stdlib.BoundLogger:
        """A logger for what a policy does; the operator's host reads it, nobody in the world does."""
        return self._ctx.log

    async def begin(self) -> Turn:
        """The next turn, however long it takes to come."""
        while True:
            answer = await self._ctx.ask(BeginTurn(), deadline_s=DEADLINE_S)
            if isinstance(answer, Refused):
                if answer.code != "not_yet":
                    raise ToolRefused("begin_turn", answer.code, answer.detail)
                continue
            if answer.turn_id is None:
                raise EpisodeOver("there is no turn any more")
            self.now = answer.sim_time
            return answer

    async def wait(self, *, until: SimTime | None = None, wake_on: tuple[Literal["alert", "inbox"], ...] = ()) -> Turn:
        """End the turn and wait for the next: without a wish that of the next tick."""
        answer = await self._ctx.ask(EndTurn(wait_until=until, wake_on=wake_on), deadline_s=DEADLINE_S)
        self._check("end_turn", answer)
        return await self.begin()

    async def call(self, tool: str, **arguments: Any) -> Any:
        """Call a tool by name; the answer is its JSON, of all pages."""
        value = orjson.loads(await self._content(tool, arguments))
        if not _is_page(value):
            return value
        text = value["text"]
        while value["next"] is not None:
            following = {"job": value["answer"], "page": value["page"] + 1}
            value = orjson.loads(await self._content("job", following))
            text += value["text"]
        return orjson.loads(text)

    async def bash(self, command: str) -> CommandEnded:
        """Run a shell command in the repository."""
        return await self._typed(CommandEnded, "bash", command=command)

    async def deploy(self, ref: str = "HEAD") -> JobTicket:
        """Roll a commit out."""
        return await self._typed(JobTicket, "deploy", ref=ref)

    async def rollback(self) -> JobTicket:
        """Go back to the release before."""
        return await self._typed(JobTicket, "deploy", rollback=True)

    async def job(self, job: str) -> JobState:
        """How long work stands."""
        return await self._typed(JobState, "job", job=job)

    async def instances(self) -> InstanceList:
        """Instances, releases and utilisation."""
        return await self._typed(InstanceList, "instances")

    async def restart(self, instance: str | None = None) -> None:
        """Restart one instance, or all."""
        await self._typed(Done, "instances", do="restart", instance=instance)

    async def scale(self, count: int) -> InfraPlan:
        """Run that many instances."""
        return await self._typed(InfraPlan, "instances", do="scale", count=count)

    async def top_refused(self, hours: int) -> FailedLogins:
        """Addresses that were refused most."""
        return await self._typed(FailedLogins, "access_log", by_address=True, hours=hours)

    async def firewall(self, block: tuple[str, ...] = ()) -> FirewallRules:
        """Block addresses; without any, tell what is blocked."""
        return await self._typed(FirewallRules, "firewall", block=block)

    async def inbox(self, cursor: int, limit: int) -> InboxPage:
        """Tickets that changed after a cursor."""
        return await self._typed(InboxPage, "inbox", cursor=cursor, limit=limit)

    async def reply(self, ticket: str, body: str) -> TicketThread:
        """Answer a ticket."""
        return await self._typed(TicketThread, "reply", ticket=ticket, body=body)

    async def post_status(
        self, state: Literal["investigating", "identified", "monitoring", "resolved"], title: str, body: str
    ) -> None:
        """Post on the status page."""
        await self._typed(Done, "post_status", state=state, title=title, body=body)

    async def finances(self) -> Finances:
        """Cash, prices and the month so far."""
        return await self._typed(Finances, "finances")

    async def account(self, customer: str) -> Account:
        """A customer's invoices."""
        return await self._typed(Account, "finances", customer=customer)

    async def refund(self, invoice: str, amount: Micros, reason: str) -> Refunded:
        """Pay back a part of an invoice."""
        return await self._typed(Refunded, "refund", invoice=invoice, amount=amount, reason=reason)

    async def _typed(self, model: type[M], tool: str, **arguments: Any) -> M:
        return model.model_validate(await self.call(tool, **arguments))

    async def _content(self, tool: str, arguments: dict[str, Any]) -> str:
        answer = await self._ctx.ask(CallTool(tool=tool, arguments=arguments), deadline_s=DEADLINE_S)
        answered = cast("ToolAnswer", self._check(tool, answer))
        self.now = answered.sim_time
        if not answered.ok:
            refused = Refused.model_validate_json(answered.content)
            raise ToolRefused(tool, refused.code, refused.detail)
        return answered.content

    def _check(self, tool: str, answer: Part | Refused) -> Part:
        if not isinstance(answer, Refused):
            return answer
        if answer.code == "episode_over":
            raise EpisodeOver(answer.detail)
        raise ToolRefused(tool, answer.code, answer.detail)


def _is_page(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"answer", "page", "pages", "text", "next"}
