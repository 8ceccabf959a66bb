"""Named random streams. All chance in a world comes from here, so a seed decides everything and streams never interfere."""

import hashlib
import random
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chance:
    """The random streams of one world, keyed `sha256(seed : name)` (see docs/architecture.md, "Time and chance").

    Two draws with equal names give equal numbers: name a stream after everything it may depend on, such as
    `chance.numpy("users", "sessions", tick)`.
    """

    seed: int

    def key(self, *name: str | int) -> int:
        """The 256-bit integer that seeds the stream of that name."""
        text = f"{self.seed}:" + "/".join(str(part) for part in name)
        return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")

    def numpy(self, *name: str | int) -> np.random.Generator:
        """A PCG64 generator for arrays."""
        return np.random.Generator(np.random.PCG64(self.key(*name)))

    def python(self, *name: str | int) -> random.Random:
        """A generator of the standard library, for choices among few things."""
        return random.Random(self.key(*name))  # noqa: S311 (simulation, not secrets)

    def token(self, *name: str | int, length: int = 16) -> str:
        """A lower-case hexadecimal token: passwords and nonces of simulated people."""
        return f"{self.key(*name):064x}"[:length]
