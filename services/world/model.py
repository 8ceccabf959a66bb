"""The course of an episode, as pure decisions: which stage comes next, and when it is complete."""

from dataclasses import dataclass, field

from bus.messages.clock import PhaseName


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a tick in which some participants act, at the same time and unseen by each other."""

    phase: PhaseName
    participants: tuple[str, ...]


TICK: tuple[Stage, ...] = (
    Stage("traffic", ("cloud",)),  # time moves in the product; due deploys and jobs happen
    Stage("traffic", ("users",)),
    Stage("traffic", ("attackers",)),
    Stage("traffic", ("cloud",)),  # what came of the load: queues, usage, alerts
    Stage("settle", ("desk",)),
    Stage("settle", ("billing",)),
    Stage("settle", ("scorer",)),
    Stage("settle", ("recorder",)),
    Stage("operate", ("gateway",)),
)
"""The stages of an ordinary tick. Users act before attackers, so that neither's outcome hangs on chance in between."""

CLOSING: tuple[Stage, ...] = tuple(stage for stage in TICK if stage.phase == "settle")
"""The closing tick: what is owed is booked, the reward is settled, the journal is closed."""


def tick_of(shards: int) -> tuple[Stage, ...]:
    """The stages of a tick in a world whose market is in so many shards: they act before the users put them together."""
    if shards == 1:
        return TICK
    own = Stage("traffic", tuple(f"users_{shard + 1}" for shard in range(shards)))
    place = TICK.index(Stage("traffic", ("users",)))
    return (*TICK[:place], own, *TICK[place:])


def participants(stages: tuple[Stage, ...]) -> frozenset[str]:
    """Everybody who acts in some stages: all must be ready before the first tick."""
    return frozenset(name for stage in stages for name in stage.participants)


PARTICIPANTS: frozenset[str] = participants(TICK)
"""Those of a world without shards."""


@dataclass
class Barrier:
    """Who has not yet answered the open stage, and how far everything was known to be said."""

    watermarks: dict[str, int] = field(default_factory=dict[str, int])
    _waiting: set[str] = field(default_factory=set[str])
    _tick: int = -1
    _stage: int = -1

    def open(self, tick: int, stage: int, participants: tuple[str, ...]) -> None:
        """Begin to wait for some participants."""
        self._tick, self._stage, self._waiting = tick, stage, set(participants)

    def done(self, participant: str, tick: int, stage: int, known: dict[str, int]) -> str | None:
        """Take in an answer. Returns why it is refused, or None.

        A repeated answer to a stage that is over is accepted and changes nothing.
        """
        if (tick, stage) > (self._tick, self._stage):
            return f"tick {tick} stage {stage} is not open yet; the open one is {self._tick}/{self._stage}"
        self.learn(known)
        if (tick, stage) == (self._tick, self._stage):
            self._waiting.discard(participant)
        return None

    def learn(self, known: dict[str, int]) -> None:
        """Merge knowledge of what was said: watermarks only rise."""
        for family, seq in known.items():
            self.watermarks[family] = max(seq, self.watermarks.get(family, 0))

    @property
    def missing(self) -> tuple[str, ...]:
        """Participants that have not answered, sorted."""
        return tuple(sorted(self._waiting))
