"""The scorer on the bus: hears the ledger, says the signed reward stream, and has the last word about an episode."""

from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus

from bus.context import Context, Step
from bus.messages.base import Delivered
from bus.messages.clock import Control
from bus.messages.reward import RewardEntry, RewardStatus, RewardTurn
from bus.service import Service
from bus.simtime import HOUR, day_of
from bus.transport.protocol import BusError
from bus.world import World
from services.scorer.chain import FAMILY, Chain, Head
from services.scorer.model import Scoring, Turns
from services.scorer.signing import open_key
from services.scorer.store import Store

DATABASE = "scorer.db"


@dataclass
class Scorer:
    """One world's scorer: what it remembers, its chain and its record."""

    chain: Chain
    store: Store
    scoring: Scoring
    turns: Turns = field(default_factory=Turns)
    _day: int = 0

    def score(self, step: Step, control: Control | None) -> None:
        """Turn what was heard into messages, and commit them.

        At the closing tick `control` holds the outcome: the world says `ending` before it. If the episode was voided
        meanwhile, nothing is settled: `voided` follows when the steps end.
        """
        said = [] if self.chain.head.index else [self.chain.started(step.tick)]
        if day_of(step.now) > self._day and not step.closing:
            said.append(self.chain.heartbeat(step.tick))
        self._day = day_of(step.now)
        turns = self.turns.heard(step.messages, self.chain.head.index + 1)
        said += [self.chain.entry(draft) for draft in self.scoring.score(step.messages, closing=step.closing)]
        if step.closing:
            turns += self.turns.close(self.chain.head.index + 1)
        said += [self.chain.turn(turn, step.now) for turn in turns]
        if step.closing and not (control and control.outcome == "voided"):
            said += self.chain.closed(step.tick, control)
        self.store.save(said)

    def void(self, tick: int, failure_kind: str, reason: str) -> bool:
        """Commit `voided`, unless the stream is over already; returns whether it was.

        A stream that was never begun begins with `started`, so that readers get the key.
        """
        if self.chain.head.over:
            return False
        said = [] if self.chain.head.index else [self.chain.started(tick)]
        self.store.save([*said, self.chain.voided(tick, failure_kind, reason)])
        return True

    async def publish(self, ctx: Context, *, resumed: bool = False) -> None:
        """Say what is committed, exactly as it was signed.

        A resumed scorer cannot know whether the dead one's last messages were stored, and looks first.
        """
        pending = self.store.pending()
        missing = [sealed for sealed in pending if not (resumed and await _is_stored(ctx, sealed.envelope.seq))]
        await ctx.say_sealed(missing)
        if pending:
            await ctx.transport.flush()
            self.store.mark_published(pending[-1].envelope.seq)


def open_scorer(world: World) -> Scorer:
    """A world's scorer, going on where its record ends; keys are made at the first call."""
    directory = world.directory("scorer")
    store = Store(directory / DATABASE)
    chain = Chain(open_key(directory, world.root), world.episode, world.file.isolation, _head(store.messages()))
    return Scorer(chain, store, Scoring.of(world.scenario))


def _head(messages: list[Delivered]) -> Head:
    head = Head()
    for delivered in messages:
        head = head.after(delivered)
    return head


async def _is_stored(ctx: Context, seq: int) -> bool:
    try:
        await ctx.transport.fetch(FAMILY, seq)
    except BusError:
        return False
    return True


async def say_voided(ctx: Context, failure_kind: str, reason: str) -> bool:
    """Tell trainers that an episode is void when the scorer cannot: `ctx` is a context of the scorer's role.

    Goes on with the dead scorer's chain from its record, and first publishes what it had committed. Returns False, and
    says nothing more, where the stream had its last word.
    """
    scorer = open_scorer(ctx.world)
    try:
        messages = scorer.store.messages()
        last = messages[-1].envelope.sim_time if messages else 0
        said = scorer.void(last // HOUR, failure_kind, reason)
        await scorer.publish(ctx, resumed=True)
    finally:
        scorer.store.close()
    return said


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Score until the episode is over, and say so if it was void."""
    scorer = open_scorer(ctx.world)
    try:
        task_status.started()
        async for step in ctx.steps():
            scorer.score(step, ctx.control)
            await scorer.publish(ctx)
        end = ctx.control
        if end is not None and end.outcome == "voided":
            scorer.void(ctx.now // HOUR, end.failure_kind or "unknown", end.reason)
            await scorer.publish(ctx)
    finally:
        scorer.store.close()


service = Service(
    name="scorer",
    run=run,
    publishes=(RewardEntry, RewardStatus, RewardTurn),
    subscribes=("billing", "gateway"),
)
