"""The loop: compose, ask the model, carry out its calls in their order, let time pass. Trusted, and out of the harness's reach."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import orjson

from agents.operator.model.budget import Budget, OutOfBudget
from agents.operator.model.composer import Composer, function
from agents.operator.model.conversation import Conversation, tokens_in
from agents.operator.model.endpoint import Model, NoAccess, NoAnswer, PromptRefused, Reply, ToolCall
from agents.operator.model.patience import Lost, Patience
from agents.operator.model.record import FILE, Record
from agents.operator.tools import DEADLINE_S, ToolRefused, Tools
from bus.context import Context, EpisodeOver
from bus.messages.base import Refused
from bus.messages.gateway import AskTools, CallTool, Charge, Outage, ToolAnswer, ToolList, Turn
from bus.simtime import clock_text

MOST_CALLS = 16
"""Tool calls in one answer of the model."""
MOST_ANSWERS = 200
"""Answers of the model in one turn; then the turn is ended for it. Time is charged, so that honest work never meets it."""
OVER = "episode_over"
"""How the gateway refuses everything in the end."""
MOST_ARGUMENTS = 900_000
"""Bytes of a call's arguments: what fits into a message of the bus."""


@dataclass(frozen=True)
class Host:
    """What the loop needs of the real world."""

    pause: Callable[[float], Awaitable[None]]
    """Waits for real seconds."""
    wall: Callable[[], float]
    """Seconds of a clock that only goes forward."""


@dataclass
class Loop:
    """One operator in one world."""

    ctx: Context
    tools: Tools
    model: Model
    patience: Patience
    budget: Budget
    composer: Composer
    record: Record
    turn: str = ""
    _answers: int = 0
    """Of the model in this turn."""
    _missed: bool = False
    """Whether it was said that an answer came without the token ids that were asked for."""

    @property
    def conversation(self) -> Conversation:
        """What the model is told."""
        return self.composer.conversation

    async def operate(self) -> None:
        """Operate until the episode is over, or the budget. `EpisodeOver` ends it from within."""
        turn = await self.tools.begin()
        await self.composer.begin()
        self._hear(turn)
        try:
            while True:
                await self.composer.next(self._summarise)
                reply = await self._think("auto")
                if reply is None:
                    return
                await self._act(reply)
        except OutOfBudget as spent:
            self.ctx.log.info("the operator's budget is used up", why=str(spent))

    async def _summarise(self, instruction: str) -> str:
        """The model's own summary. It is asked with the tools, and with the conversation as it stands."""
        self.conversation.add({"role": "user", "content": instruction})
        reply = await self._think("none")
        return str(reply.message["content"]) if reply else ""

    async def _think(self, choice: Literal["auto", "none"]) -> Reply | None:
        """One answer of the model, charged; None when the endpoint is lost, and the episode with it. `OutOfBudget`."""
        if spent := self.budget.exhausted(self.conversation.tokens):
            raise OutOfBudget(spent)
        why = ""
        for _ in range(2):
            try:
                reply = await self.patience.ask(lambda: self._complete(choice))
            except PromptRefused as refused:
                self.ctx.log.warning("the endpoint refuses the prompt", why=str(refused))
                why = f"the endpoint refuses even a plain prompt: {refused}"
                self.composer.plain()
            except Lost as lost:
                if not await self._answers_anything():
                    return await self._give_up(str(lost))
                why = f"the endpoint answers a plain prompt only: {lost}"
                self.composer.plain()
            except NoAccess as refused:
                return await self._give_up(str(refused))
            else:
                if choice == "none":
                    reply = replace(reply, calls=(), message={"role": "assistant", "content": reply.message["content"]})
                await self._charge(reply, choice)
                return reply
        return await self._give_up(why)

    async def _complete(self, choice: Literal["auto", "none"]) -> Reply:
        conversation = self.conversation
        most = self.budget.reply(conversation.tokens, self.ctx.world.scenario.operator.reply_tokens)
        return await self.model.complete(conversation.sending(), conversation.tools, choice, max(1, most))

    async def _answers_anything(self) -> bool:
        """Whether the endpoint is there after all: an episode is not void for a prompt that it cannot digest."""
        tools = [*map(function, self.composer.tools)]
        try:
            await self.model.complete([{"role": "user", "content": "Say yes."}], tools, "none", 16)
        except (NoAnswer, NoAccess, PromptRefused):
            return False
        await self._tell("up", "it answers a plain prompt")
        return True

    async def _charge(self, reply: Reply, choice: str) -> None:
        """Time, money and budget for what was counted, and a line in the record."""
        conversation = self.conversation
        before = min(conversation.read_before, reply.usage.prompt_tokens)
        self.budget.take(reply.usage, before)
        conversation.add(reply.message)
        conversation.read(reply.usage.prompt_tokens + reply.usage.completion_tokens)
        if reply.no_tokens and not self._missed:
            self._missed = True
            self.ctx.log.warning("the endpoint gives no token ids, or wrong ones", why=reply.no_tokens)
        self.record.call(
            conversation,
            reply.tokens,
            turn=self.turn,
            sim_time=self.tools.now,
            purpose="operate" if choice == "auto" else "compact",
            harness_ref=self.composer.ref,
            usage=reply.usage.model_dump(include={"prompt_tokens", "completion_tokens"}),
            counted=reply.counted,
        )
        charge = Charge(usage=reply.usage, read_before=before, harness_ref=self.composer.ref)
        answer = await self.ctx.ask(charge, deadline_s=DEADLINE_S)
        if isinstance(answer, Refused):
            raise (
                EpisodeOver(answer.detail) if answer.code == OVER else ToolRefused("charge", answer.code, answer.detail)
            )

    async def _act(self, reply: Reply) -> None:
        """Carry out the calls one after the other; without any, the hour is over."""
        for number, call in enumerate(reply.calls):
            content = await self._call(call) if number < MOST_CALLS else _refusal("too_many", f"{MOST_CALLS} at once")
            self.conversation.add({"role": "tool", "tool_call_id": call.id, "content": content})
        self._answers += 1
        if not reply.calls or self._answers >= MOST_ANSWERS:
            self._hear(await self._rest())

    async def _rest(self) -> Turn:
        """End the turn, if one is open, and wait for the next."""
        try:
            return await self.tools.wait()
        except ToolRefused:
            return await self.tools.begin()

    async def _call(self, call: ToolCall) -> str:
        """One call; what is wrong with it is told to the model."""
        name = call.function.name[:80]
        try:
            arguments = orjson.loads(call.function.arguments or "{}")
            if not isinstance(arguments, dict) or len(orjson.dumps(arguments)) > MOST_ARGUMENTS:
                return _refusal("bad_arguments", f"arguments must be a JSON object of at most {MOST_ARGUMENTS} bytes")
            command = CallTool(tool=name, arguments=cast("dict[str, Any]", arguments))
        except (TypeError, ValueError) as error:  # orjson tells so of what is too deep
            return _refusal("bad_arguments", f"the arguments are not JSON, or too deep: {error}")
        while True:
            answer = await self.ctx.ask(command, deadline_s=DEADLINE_S)
            if isinstance(answer, Refused):
                if answer.code == OVER:
                    raise EpisodeOver(answer.detail)
                return _refusal(answer.code, answer.detail)
            if name != "wait" or not _still_waiting(answer):
                break
            command = CallTool(tool="wait", arguments={})
        self._at(answer.turn_id)
        self.tools.now = answer.sim_time
        return (
            f"{answer.content}\n[{clock_text(answer.sim_time)}; {answer.seconds_left // 60} minutes left of this hour]"
        )

    def _hear(self, turn: Turn) -> None:
        """A turn began; the model is told why, and what is new."""
        self._at(turn.turn_id)
        told = turn.model_dump_json(exclude={"turn_id", "tick"})
        self.conversation.add({"role": "user", "content": f"[host] It is {clock_text(turn.sim_time)}. {told}"})

    def _at(self, turn: str | None) -> None:
        if turn is not None and turn != self.turn:
            self.turn, self._answers = turn, 0

    async def _give_up(self, reason: str) -> None:
        await self._tell("lost", reason)

    async def _tell(self, state: Literal["down", "up", "lost"], reason: str) -> None:
        await self.ctx.ask(Outage(state=state, reason=reason[:500]), deadline_s=DEADLINE_S)


async def make_loop(ctx: Context, tools: Tools, model: Model, host: Host) -> Loop:
    """A loop over the tools that the gateway offers."""
    section = ctx.world.scenario.operator
    listed = await ctx.ask(AskTools(), deadline_s=DEADLINE_S)
    assert isinstance(listed, ToolList)
    budget = Budget.of(ctx.world.scenario)
    conversation = Conversation([*map(function, listed.tools)])
    assert tokens_in(conversation.tools) + section.reply_tokens < section.context_tokens

    async def tell(state: Literal["down", "up"], reason: str) -> None:
        await ctx.ask(Outage(state=state, reason=reason[:500]), deadline_s=DEADLINE_S)

    patience = Patience(section.outage_seconds, ctx.world.chance, host.pause, host.wall, tell)
    composer = Composer(ctx, conversation, budget, listed.tools)
    record = Record(ctx.world.directory("operator") / FILE)
    return Loop(ctx, tools, model, patience, budget, composer, record)


def _still_waiting(answer: ToolAnswer) -> bool:
    content = orjson.loads(answer.content)
    return isinstance(content, dict) and bool(cast("dict[str, Any]", content).get("waiting"))


def _refusal(code: str, detail: str) -> str:
    return Refused(code=code, detail=detail).model_dump_json()
