"""A small policy network in PyTorch, and a step of learning on it. Nothing here knows what a business is."""

from pathlib import Path

import torch
from learning import Batch
from torch import nn

torch.set_num_threads(1)  # the worlds need the processors more


class Policy:
    """Features -> tanh layer -> a probability for each action."""

    def __init__(self, features: int, actions: int, hidden: int, rate: float, seed: int) -> None:
        self.chance = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        self.network = nn.Sequential(nn.Linear(features, hidden), nn.Tanh(), nn.Linear(hidden, actions))
        nn.init.zeros_(self.network[2].weight)  # begins as the even chance of every action
        nn.init.zeros_(self.network[2].bias)
        self.steps = torch.optim.Adam(self.network.parameters(), lr=rate)

    def probabilities(self, features: list[float]) -> list[float]:
        """Of the actions in a moment."""
        with torch.no_grad():
            return self.network(torch.tensor(features)).softmax(-1).tolist()

    def sample(self, features: list[float]) -> int:
        """An action by chance."""
        with torch.no_grad():
            p = self.network(torch.tensor(features)).softmax(-1)
        return int(torch.multinomial(p, 1, generator=self.chance))

    def best(self, features: list[float]) -> int:
        """The likeliest action."""
        with torch.no_grad():
            return int(self.network(torch.tensor(features)).argmax())

    def learn(self, batch: Batch, *, passes: int, clip: float, entropy: float) -> None:
        """Some passes of clipped policy gradient (PPO) over one group, with a bonus for staying undecided."""
        features, actions = torch.tensor(batch.features), torch.tensor(batch.actions)
        advantages = torch.tensor(batch.advantages)
        rows = torch.arange(len(actions))
        with torch.no_grad():
            before = self.network(features).log_softmax(-1)[rows, actions]
        for _ in range(passes):
            told = self.network(features).log_softmax(-1)
            ratio = (told[rows, actions] - before).exp()
            gain = torch.min(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
            undecided = -(told.exp() * told).sum(-1)
            self.steps.zero_grad()
            (-(gain + entropy * undecided).mean()).backward()
            self.steps.step()

    def save(self, path: Path) -> None:
        """Write the parameters."""
        torch.save(self.network.state_dict(), path)

    def load(self, path: Path) -> None:
        """Take up what `save` wrote."""
        self.network.load_state_dict(torch.load(path, weights_only=True))
