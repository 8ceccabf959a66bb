"""The composition root: the command, the world builder, the embedded supervisor and the client for trainers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concern.client.env import BusinessEnv
    from concern.client.episode import Episode
    from concern.client.snapshots import Snapshot
    from concern.client.standby import Standby

__all__ = ["BusinessEnv", "Episode", "Snapshot", "Standby"]

_PLACES = {"BusinessEnv": "env", "Episode": "episode", "Snapshot": "snapshots", "Standby": "standby"}


def __getattr__(name: str) -> Any:
    """The client's names, loaded when they are asked for: the command does without them."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"concern.client.{_PLACES[name]}"), name)
