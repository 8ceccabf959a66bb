"""Token ids and log-probabilities of a model's calls, where its endpoint gave them: as they were recorded, and whole."""

from collections.abc import Iterable, Iterator
from typing import Any

from concern.export.story import Story

Recorded = dict[str, Any]
"""`message`: the answer's position among its epoch's messages, from 0; `kept`, `added`, `sampled`, `logprobs`."""
Metrics = dict[str, list[Any]]
"""Under the names of ATIF."""


def recorded(story: Story) -> list[list[Recorded]]:
    """Of each context epoch, its calls that have any."""
    if not story.conversation:
        return [[]]
    found: dict[int, list[Recorded]] = {}
    told: dict[int, int] = {}
    for line in story.conversation:
        epoch = line["epoch"]
        told[epoch] = told.get(epoch, 0) + len(line["messages"])
        calls = found.setdefault(epoch, [])
        if "tokens" in line:  # a line ends with the answer
            calls.append({"message": told[epoch] - 1, **line["tokens"]})
    return list(found.values())


def whole(calls: Iterable[Recorded]) -> Iterator[tuple[int, Metrics]]:
    """An epoch's calls, each with its whole prompt, by the position of the answer."""
    before: list[int] = []
    for call in calls:
        prompt = before[: call["kept"]] + call["added"]
        before = prompt + call["sampled"]
        yield (
            call["message"],
            {"prompt_token_ids": prompt, "completion_token_ids": call["sampled"], "logprobs": call["logprobs"]},
        )
