"""All messages, one file per family; the registries that the codec, the subjects and the schema are generated from."""

from types import ModuleType
from typing import Any, Final, TypeVar

from bus.messages import attackers, billing, clock, cloud, desk, gateway, hidden, reward, users
from bus.messages.base import Command, Event, Part, literal_of

M = TypeVar("M", bound=Part)

_MODULES: Final = (clock, users, attackers, desk, cloud, billing, reward, gateway, hidden)


def _concrete(module: ModuleType, base: type[M]) -> list[type[M]]:
    """The messages that a module defines: subclasses with a `type`, by name."""
    found: list[type[M]] = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]
    return sorted((model for model in found if "type" in model.model_fields), key=literal_of)


EVENTS: Final[dict[str, type[Event]]] = {
    model.type_name(): model for module in _MODULES for model in _concrete(module, Event)
}
"""Every event by its `type`."""

COMMANDS: Final[dict[str, type[Command[Any]]]] = {
    model.type_name(): model for module in _MODULES for model in _concrete(module, Command)
}
"""Every command by its `type`."""

FAMILIES: Final[tuple[str, ...]] = tuple(sorted({event.family() for event in EVENTS.values()}))
"""Every family of events; each has one owner and one stream."""

PUBLIC_FAMILIES: Final[tuple[str, ...]] = tuple(family for family in FAMILIES if family != "hidden")
"""What a viewer may see."""
