"""What every message is: frozen, closed to unknown fields, named and versioned by its `type`."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from bus.ids import EpisodeId
from bus.simtime import SimTime


class Part(BaseModel):
    """A value inside a message: frozen, and unknown fields are an error. NaN and infinities are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def made(cls, values: dict[str, Any]) -> Self:
        """A message of values that its maker has computed: all fields, in their order. Nothing is validated.

        For columns by the thousand, of which validating was half the cost of a large market's hour; who reads them validates.
        """
        one = cls.__new__(cls)
        for name, value in zip(_STATE, (values, _fields(cls), None, None), strict=True):
            object.__setattr__(one, name, value)
        return one


class Event(Part):
    """Something that happened, told by the one owner of its family.

    Every concrete event has a field `type`: a literal `family.noun.verb/version`; the subject follows from it. A released type never changes: a new
    form is a new version beside it.
    """

    @classmethod
    def type_name(cls) -> str:
        """The literal value of `type`, such as `desk.ticket.opened/1`."""
        return literal_of(cls)

    @classmethod
    def family(cls) -> str:
        """The first token: the owner of the subject and the name of the stream."""
        return literal_of(cls).split(".", 1)[0]


R = TypeVar("R", bound=Part)


class Command(Part, Generic[R]):
    """A request to one service, answered by `R` or by `Refused`.

    Every concrete command has a field `type`: a literal `service.verb/version`.
    """

    @classmethod
    def reply_type(cls) -> type[R]:
        """The model of a good answer: the parameter of `Command[...]` in the class's bases."""
        for base in cls.__mro__:
            arguments = base.__dict__.get("__pydantic_generic_metadata__", {}).get("args", ())
            if arguments:
                return arguments[0]
        raise TypeError(f"{cls.__name__} must derive from Command[ITS REPLY]")

    @classmethod
    def type_name(cls) -> str:
        """The literal value of `type`, such as `cloud.deploy/1`."""
        return literal_of(cls)

    @classmethod
    def service(cls) -> str:
        """The service that answers."""
        return literal_of(cls).split(".", 1)[0]


class Refused(Part):
    """An expected refusal: the answer to a command that cannot be carried out. Nothing has changed."""

    code: str
    """Short and stable, in snake case: for programs."""
    detail: str
    """What was wrong, where, and what to do: for people."""


class Done(Part):
    """The answer of a command that has nothing to tell but that it was carried out."""


class Envelope(Part):
    """What stands on every event beside its content."""

    id: str
    """`family-seq`, unique in the episode; `cause_id` of other messages points here."""
    episode: EpisodeId
    sim_time: SimTime
    seq: int
    """Position in the family's stream, from 1, without gaps."""
    cause_id: str | None = None
    """The id of the message or action that made this happen, where there is one."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as a subscriber gets it."""

    envelope: Envelope
    event: Event


_STATE = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
"""What pydantic keeps of a model, as its `model_construct` sets it."""


@cache
def _fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


@cache
def literal_of(model: type[BaseModel]) -> str:
    """The single literal value of a model's `type` field."""
    (value,) = get_args(model.model_fields["type"].annotation)
    return str(value)
