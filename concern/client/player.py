"""The operator's seat in a world: its turns, what it does in them, what it sees of that, and what was earned meanwhile."""

from collections.abc import Iterable
from typing import cast

from pydantic import ValidationError

from bus.ids import EpisodeId
from bus.messages.base import Refused
from bus.messages.gateway import AskTools, BeginTurn, CallTool, EndTurn, ToolAnswer, ToolList, ToolSpec, Turn
from bus.messages.reward import RewardEntry, Usage
from bus.money import Micros
from bus.simtime import SimTime
from concern.client.acts import WAIT, Action, Observation, Record, Step, observed
from concern.client.hold import Hold, WorldGone
from concern.client.reward import Rewards, Settled, Voided
from services.gateway.tools import BY_NAME
from services.gateway.tools.life import WaitArguments

_GONE = Voided(failure_kind="world_gone", reason="the world's process ended without a last word")


class Player:
    """Plays one world over a handle's connections. `begin` comes first."""

    def __init__(self, hold: Hold) -> None:
        self.episode: EpisodeId = hold.world.episode
        self.observation: Observation
        """The last one."""
        self.reward = Rewards(self.episode)
        """The reward stream as read so far."""
        self.turn: Turn | None = None
        """The one that is open."""
        self.segment_end: SimTime | None = None
        """No wait goes beyond it."""
        self._hold = hold
        self._record = Record(hold.root)
        self._given = 0
        """Entries that belong to steps already made, here or before this handle's beginning."""
        self._tokens = Usage()

    @property
    def acts(self) -> tuple[Action, ...]:
        """Everything that was done in this world, by handles before this one, too."""
        return tuple(self._record.acts)

    @property
    def segment_over(self) -> bool:
        """Whether the segment that was asked for is through."""
        return self.segment_end is not None and self.observation.sim_time >= self.segment_end

    async def begin(self) -> None:
        """Take the seat: begin the turn that is open or comes next."""
        await self._next_turn()
        if self.turn is None:
            await self.last_word()
            self.observation = observed(Turn(turn_id=None, tick=0, sim_time=SimTime(0), wake=(), seconds_left=0),
                                        SimTime(0), 0, None, "", fresh=False)  # fmt: skip

    async def tools(self) -> tuple[ToolSpec, ...]:
        """The actions there are."""
        return cast("ToolList", await self._hold.ask(AskTools())).tools

    async def step(self, action: Action) -> Step:
        """Do one thing, within the segment; void if the world is gone."""
        try:
            await self._act(self._effective(action))
        except WorldGone:
            self.reward.over = _GONE
        new, self._given = self.reward.entries[self._given :], len(self.reward.entries)
        return self._step(new)

    async def replay(self, acts: Iterable[Action]) -> None:
        """Do again what was done in another world. `WorldGone` if this one is."""
        for action in acts:
            await self._act(action)

    def count_from_here(self) -> None:
        """What was booked so far belongs to no step that is still to come."""
        self._given = len(self.reward.entries)

    async def read(self) -> None:
        """Read what is stored of the reward. `WorldGone` if the world is."""
        await self.reward.catch_up(self._hold.look)

    async def last_word(self) -> None:
        """Read the reward to its last word, however long that takes; void if the world is gone without one."""
        try:
            while self.reward.over is None:
                await self.read()
                if self.reward.over is None:
                    await self._hold.news()
        except WorldGone:
            self.reward.over = _GONE

    # -- inside

    def _effective(self, action: Action) -> Action:
        """A wait becomes one until a moment, and not beyond the segment; others stay as they are."""
        if action.tool != WAIT:
            return action
        try:
            given = WaitArguments.model_validate(action.arguments)
        except ValidationError:
            return action  # refused when it is carried out
        until = given.until_moment(self.observation.sim_time)
        if self.segment_end is not None and (until is not None or given.wake_on):
            until = min(until or self.segment_end, self.segment_end)
        arguments = {"wake_on": list(given.wake_on)} | ({} if until is None else {"until": until})
        return action.model_copy(update={"arguments": arguments})

    async def _act(self, action: Action) -> None:
        if action.tool == WAIT:
            await self._wait(action)
            return
        self._spend(action.usage)
        self._record.add(action)
        answer = await self._hold.ask(CallTool(tool=action.tool, arguments=action.arguments))
        if isinstance(answer, Refused):
            await self._refused(answer)
            return
        if answer.turn_id != (self.turn and self.turn.turn_id):  # the call ran past the hour
            await self._next_turn()
            self._see(answer, fresh=True)
        else:
            self._see(answer, fresh=False)
        await self._finish_if_over()

    async def _refused(self, refused: Refused) -> None:
        """The call was not carried out: because the episode is over, or for a reason that is to be seen."""
        if refused.code == "episode_over":
            await self._next_turn()
            await self._finish_if_over()
        self.observation = self.observation.model_copy(update={"ok": False, "content": refused.model_dump_json()})

    async def _wait(self, action: Action) -> None:
        try:
            given = WaitArguments.model_validate(action.arguments)
        except ValidationError as error:
            await self._refused(Refused(code="bad_arguments", detail=BY_NAME[WAIT].explain(error)))
            return
        self._spend(action.usage)
        self._record.add(action)
        until = None if given.until is None else SimTime(given.until)
        ended = EndTurn(wait_until=until, wake_on=given.wake_on, usage=self._tokens)
        self._tokens = Usage()
        await self._hold.ask(ended)
        await self._next_turn()
        await self._finish_if_over()

    def _spend(self, usage: Usage) -> None:
        sums = {
            name: getattr(self._tokens, name) + getattr(usage, name) for name in ("prompt_tokens", "completion_tokens")
        }
        self._tokens = Usage(**sums)

    async def _next_turn(self) -> None:
        """Begin the turn that is open or comes next, however long it takes; none when the episode is over."""
        while isinstance(answer := await self._hold.ask(BeginTurn()), Refused):
            if answer.code != "not_yet":
                raise WorldGone(f"no turn: {answer.code}: {answer.detail}")
        self.turn = None if answer.turn_id is None else answer
        if self.turn is not None:
            self.observation = observed(self.turn, answer.sim_time, answer.seconds_left, None, "", fresh=True)
            await self.read()

    def _see(self, answer: ToolAnswer, *, fresh: bool) -> None:
        if self.turn is not None:
            told = (answer.sim_time, answer.seconds_left, answer.ok, answer.content)
            self.observation = observed(self.turn, *told, fresh=fresh)

    async def _finish_if_over(self) -> None:
        if self.turn is None:
            await self.last_word()

    def _step(self, new: list[RewardEntry]) -> Step:
        over, micros = self.reward.over, Micros(sum(entry.amount for entry in new))
        voided = isinstance(over, Voided)
        terminated = isinstance(over, Settled) and over.outcome == "terminated"
        info = {
            "episode": self.episode,
            "turn_id": self.turn.turn_id if self.turn else None,
            "micros": None if voided else micros,
            "settled": over if isinstance(over, Settled) else None,
            "voided": over if isinstance(over, Voided) else None,
        }
        truncated = not terminated and (over is not None or self.segment_over)
        return Step(self.observation, None if voided else micros / 1e6, terminated, truncated, info)
