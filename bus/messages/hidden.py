"""What the world knows and the operator must not. Owner: world."""

from typing import Literal

from bus.messages.base import Event


class WorldPlanted(Event):
    """The product's hidden past: which defects this world carries."""

    type: Literal["hidden.world.planted/1"] = "hidden.world.planted/1"
    product: str
    defects: tuple[str, ...]
