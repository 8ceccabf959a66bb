"""A short story of an operator, for tests of exports."""

from typing import Any

from bus.ids import EpisodeId
from bus.messages.reward import Usage
from bus.money import Micros
from bus.simtime import HOUR, SimTime
from bus.world import WorldFile
from concern.client.reward import Settled
from concern.export.story import Call, Story, TurnLine
from services.world.loading import load_scenario

EPISODE = EpisodeId("e_aaaaaaaaaaaa")
FILE = WorldFile(
    episode=EPISODE, seed=3, scenario=load_scenario("short"), operator="client", isolation="full", planted=()
)


def call(number: int, turn: str, tool: str, **arguments: Any) -> Call:
    return Call(
        action_id=f"a_{number}", turn_id=turn, tool=tool, arguments=arguments, ok=tool != "launch",
        content='{"done":true}', sim_time=SimTime(number),
    )  # fmt: skip


def turn(number: int, *calls: Call, tokens: int = 0, voided: bool = False) -> TurnLine:
    return TurnLine(
        turn_id=f"turn_{number}", tick=number, sim_time0=SimTime(number * HOUR), sim_time1=SimTime((number + 1) * HOUR),
        wall0=1_700_000_000.0, wall1=1_700_000_001.0, usage=Usage(prompt_tokens=tokens, cost=Micros(tokens * 10)),
        harness_ref=None, calls=calls, earned=None if voided else Micros(number), caused=None if voided else Micros(0),
    )  # fmt: skip


def story(*, voided: bool = False, conversation: tuple[dict[str, Any], ...] = ()) -> Story:
    turns = (
        turn(0, call(1, "turn_0", "bash", command="ls"), call(2, "turn_0", "launch"), tokens=100, voided=voided),
        turn(1, voided=voided),
        turn(2, call(3, "turn_2", "finances"), voided=voided),
    )
    settled = None if voided else Settled(count=1, sum=Micros(3), sha256="0" * 64, outcome="truncated")
    return Story(FILE, turns, settled, conversation)


def conversation() -> tuple[dict[str, Any], ...]:
    """Two calls in one context, and one in a second that carries its first message over."""
    system = {"role": "system", "content": "Run the company."}
    asked = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    broken = {"id": "c2", "type": "function", "function": {"name": "bash", "arguments": "{"}}
    return (
        {"epoch": 0, "messages": [system, {"role": "user", "content": "Go on."}]},
        {
            "epoch": 0,
            "messages": [
                {"role": "assistant", "content": None, "tool_calls": [asked, broken]},
                {"role": "tool", "tool_call_id": "c1", "content": "README.md"},
                {"role": "tool", "tool_call_id": "c2", "content": "no JSON"},
            ],
        },
        {"epoch": 1, "messages": [system, {"role": "user", "content": "So far: looked around."}]},
    )


def sampled_conversation() -> tuple[dict[str, Any], ...]:
    """Two calls in one context and one in the next, with token ids as they are recorded."""
    system = {"role": "system", "content": "Run the company."}
    asked = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
    called = {"role": "assistant", "content": "", "tool_calls": [asked]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "README.md"}
    done, again = ({"role": "assistant", "content": text} for text in ("So it is.", "Again."))

    def line(epoch: int, kept: int, added: list[int], sampled: list[int], *messages: dict[str, Any]) -> dict[str, Any]:
        tokens = {"kept": kept, "added": added, "sampled": sampled, "logprobs": [-1 / token for token in sampled]}
        return {"epoch": epoch, "messages": [*messages], "tokens": tokens}

    return (
        line(0, 0, [1, 2], [2, 4], system, {"role": "user", "content": "Go on."}, called),
        line(0, 4, [5], [1], result, done),
        line(1, 0, [1, 7], [8], system, {"role": "user", "content": "So far: looked around."}, again),
    )
