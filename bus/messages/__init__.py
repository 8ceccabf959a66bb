"""All messages, one file per family; the registries that the codec, the subjects and the schema are generated from."""

from types import ModuleType
from typing import Any, Final

from bus.messages import attackers, billing, clock, cloud, desk, gateway, hidden, reward, users
from bus.messages.base import Command, Event

_MODULES: Final = (clock, users, attackers, desk, cloud, billing, reward, gateway, hidden)


def _concrete(module: ModuleType, base: type[Any]) -> list[type[Any]]:
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, base)]
    return sorted(
        (model for model in found if model.__module__ == module.__name__ and "type" in model.model_fields
         and model.model_fields["type"].default is not None and not model.model_fields["type"].is_required()),
        key=lambda model: model.type_name(),
    )


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
