"""A small policy network with gradients by hand, and group-relative advantages. Nothing here knows what a business is.

NumPy instead of PyTorch: two layers need no more, and a trainer that starts in a second is the better example.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass
class Policy:
    """Features -> tanh layer -> a probability for each action. Parameters are updated with Adam."""

    weights: dict[str, Array]
    _moments: dict[str, tuple[Array, Array]]
    _updates: int = 0

    @classmethod
    def new(cls, features: int, actions: int, hidden: int, chance: np.random.Generator) -> "Policy":
        weights = {
            "w1": chance.normal(0, features**-0.5, (features, hidden)),
            "b1": np.zeros(hidden),
            "w2": np.zeros((hidden, actions)),  # begins as the even chance of every action
            "b2": np.zeros(actions),
        }
        return cls(weights, {name: (np.zeros_like(each), np.zeros_like(each)) for name, each in weights.items()})

    def probabilities(self, features: Array) -> Array:
        """Of the actions, for one vector of features or for rows of them."""
        return self._forward(features)[1]

    def objective(self, features: Array, actions: Array, advantages: Array, entropy: float) -> float:
        """What `gradients` climbs: mean of advantage x log-probability, plus a bonus for staying undecided."""
        p = self.probabilities(features)
        chosen = np.log(p[np.arange(len(actions)), actions])
        return float(np.mean(advantages * chosen - entropy * np.sum(p * np.log(p), axis=1)))

    def gradients(self, features: Array, actions: Array, advantages: Array, entropy: float) -> dict[str, Array]:
        """Of the objective, by parameter."""
        hidden, p = self._forward(features)
        logits = -p * advantages[:, None]
        logits[np.arange(len(actions)), actions] += advantages
        surprise = np.log(p)
        logits -= entropy * p * (surprise - np.sum(p * surprise, axis=1, keepdims=True))
        logits /= len(actions)
        below = (logits @ self.weights["w2"].T) * (1 - hidden**2)
        return {"w1": features.T @ below, "b1": below.sum(0), "w2": hidden.T @ logits, "b2": logits.sum(0)}

    def climb(self, gradients: dict[str, Array], rate: float) -> None:
        """One step of Adam upwards."""
        self._updates += 1
        for name, slope in gradients.items():
            first, second = self._moments[name]
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
            self._moments[name] = (first, second)
            scaled = first / (1 - 0.9**self._updates), second / (1 - 0.999**self._updates)
            self.weights[name] = self.weights[name] + rate * scaled[0] / (np.sqrt(scaled[1]) + 1e-8)

    def _forward(self, features: Array) -> tuple[Array, Array]:
        hidden = np.tanh(features @ self.weights["w1"] + self.weights["b1"])
        logits = hidden @ self.weights["w2"] + self.weights["b2"]
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return hidden, raised / raised.sum(axis=-1, keepdims=True)


def relative(returns: Sequence[float | None]) -> list[float | None]:
    """Each return of a group against the group's own mean, in its standard deviations; a void one stays None.

    A group in which all did equally well says nothing: zeros.
    """
    known = np.array([each for each in returns if each is not None])
    if known.size == 0:
        return [None] * len(returns)
    mean, spread = known.mean(), known.std()
    return [None if each is None else float((each - mean) / spread) if spread > 1e-9 else 0.0 for each in returns]


def interval(differences: Array, chance: np.random.Generator) -> tuple[float, float]:
    """A 95 % bootstrap interval of a mean."""
    means = chance.choice(differences, (4000, len(differences))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
