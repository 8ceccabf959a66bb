"""The model's loop in a made-up world: order of calls, charges, budgets, outages, and what a harness may make of it."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from fake_model import calls, says
from made_up_gateway import MadeUpGateway, MadeUpModel, made_up_world, operating, shipped

from agents.operator.model.endpoint import NoAccess, NoAnswer, PromptRefused
from bus.messages.gateway import ToolSpec

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def roles(messages: list[dict[str, Any]]) -> list[str]:
    return [message["role"] for message in messages]


async def test_parallel_calls_run_in_order_and_are_answered_one_by_one(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)
    model = MadeUpModel([calls(("echo", {"n": 1}), ("echo", {"n": 2}), ("echo", {"n": 3}))])
    await operating(gateway, model)
    assert [call.arguments for call in gateway.calls] == [{"n": 1}, {"n": 2}, {"n": 3}]
    messages = model.asked[1][0]
    assert roles(messages) == ["system", "user", "user", "assistant", "tool", "tool", "tool"]
    wanted = [call["id"] for call in messages[3]["tool_calls"]]
    assert [message["tool_call_id"] for message in messages[4:]] == wanted
    assert len(set(wanted)) == 3
    assert messages[5]["content"] == '{"n": 2}\n[day 1 00:00; 1 minutes left of this hour]'
    assert len(gateway.ended) == 1


async def test_wrong_calls_are_told_and_do_not_reach_the_gateway(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)
    model = MadeUpModel(
        [calls(("echo", "{not json"), ("echo", '{"x": ' + "[" * 500 + "]" * 500 + "}"), *[("echo", {})] * 15)]
    )
    await operating(gateway, model)
    answers = [message["content"] for message in model.asked[1][0] if message["role"] == "tool"]
    assert "not JSON" in answers[0]
    assert "too deep" in answers[1]
    assert "16 at once" in answers[16]
    assert len(gateway.calls) == 14
    assert model.asked[1][0][3]["tool_calls"][0]["function"]["arguments"] == "{}"


async def test_every_call_is_charged_and_old_tokens_take_no_time(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)
    loop = await operating(gateway, MadeUpModel([calls(("echo", {})), calls(("echo", {}))]))
    assert [charge.usage.prompt_tokens for charge in gateway.charges] == [100, 100, 100]
    assert [charge.read_before for charge in gateway.charges] == [0, 100, 100]
    assert {charge.harness_ref for charge in gateway.charges} == {"h_1"}
    assert loop.budget.used == 330
    lines = [orjson.loads(line) for line in (tmp_path / "operator" / "conversation.jsonl").read_bytes().splitlines()]
    assert [len(line["messages"]) for line in lines] == [4, 2, 2]


@pytest.mark.parametrize(
    "limit",
    [{"budget_tokens": 3_000}, {"budget_money": 30_000}, {"budget_thinking_hours": 0.001}],
    ids=lambda one: next(iter(one)),
)
async def test_a_budget_ends_the_work_and_nothing_else(tmp_path: Path, limit: dict[str, Any]) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path, **limit))
    model = MadeUpModel([calls(("echo", {}))] * 50)
    loop = await operating(gateway, model)
    assert 2 <= len(model.asked) <= 30
    assert loop.budget.used <= 3_000
    assert loop.budget.exhausted(loop.conversation.tokens) is not None
    assert gateway.outages == []


async def test_an_answer_is_never_asked_for_beyond_the_budget(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path, budget_tokens=3_000))
    model = MadeUpModel([calls(("echo", {}))] * 50)
    await operating(gateway, model)
    assert model.asked[0][3] < 3_000
    assert all(asked[3] >= 64 for asked in model.asked)


async def test_an_outage_is_told_and_costs_nothing(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)
    model = MadeUpModel([NoAnswer("away")] * 5)
    await operating(gateway, model)
    assert gateway.outages == ["down", "up"]
    assert len(gateway.charges) == 1
    short = MadeUpGateway(made_up_world(tmp_path), hours=1)
    await operating(short, MadeUpModel([NoAnswer("away")] * 3))
    assert short.outages == []


async def test_an_outage_past_the_limit_voids(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path, outage_seconds=20))
    model = MadeUpModel([NoAnswer("away")] * 1000)
    await operating(gateway, model)
    assert gateway.outages == ["down", "lost"]
    assert gateway.charges == []
    assert 20 <= len(model.asked) <= 25


async def test_a_prompt_that_an_endpoint_cannot_digest_voids_nothing(tmp_path: Path) -> None:
    """Neither by refusing nor by falling silent: whoever writes prompts could end an episode that goes badly."""
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=2)
    model = MadeUpModel([PromptRefused("status 400: too odd")])
    await operating(gateway, model)
    assert gateway.outages == []
    assert "begins anew here" in model.asked[1][0][1]["content"]
    gateway = MadeUpGateway(made_up_world(tmp_path, outage_seconds=20), hours=2)
    model = MadeUpModel([NoAnswer("status 500")] * 20)
    await operating(gateway, model)
    assert gateway.outages == ["down", "up"]


@pytest.mark.parametrize("said", [[NoAccess("status 401: wrong key")], [PromptRefused("400")] * 2])
async def test_an_endpoint_that_takes_nothing_voids(tmp_path: Path, said: list[Exception]) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path))
    await operating(gateway, MadeUpModel([*said]))
    assert gateway.outages == ["lost"]


async def test_a_turn_of_endless_talk_is_ended(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)
    model = MadeUpModel([calls(("nonsense", "?"))] * 500)
    await operating(gateway, model)
    assert len(model.asked) == 200


async def test_a_wait_goes_on_until_something_comes(tmp_path: Path) -> None:
    answers = iter(['{"waiting": true}', '{"waiting": true}', '{"turn_id": "t"}'])
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1, answer=lambda call: next(answers))
    await operating(gateway, MadeUpModel([calls(("wait", {"hours": 2}))]))
    assert [call.arguments for call in gateway.calls] == [{"hours": 2}, {}, {}]


async def test_a_new_tool_begins_a_new_epoch_with_the_same_messages(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=2)

    def learn(call: Any) -> str:
        gateway.own = (ToolSpec(name="mine", description="d", parameters={"type": "object"}),)
        return "{}"

    gateway.answer = learn
    model = MadeUpModel([calls(("echo", {}))])
    loop = await operating(gateway, model)
    names = [[tool["function"]["name"] for tool in asked[1]] for asked in model.asked]
    assert names == [["echo"], ["echo", "mine"], ["echo", "mine"]]
    assert model.asked[1][0][:4] == model.asked[0][0] + [model.asked[1][0][3]]
    assert loop.conversation.epoch == 2


SYSTEM = {"role": "system", "content": "s"}
GOOD = {"messages": [SYSTEM, {"role": "user", "content": "u"}]}


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("not json", "printed no JSON"),
        ([], "must print one JSON object"),
        ({"messages": [], "append": []}, "with one of append, compact, messages"),
        ({"tokens": 10**9}, "with one of append, compact, messages"),
        ({"append": [{"role": "assistant", "content": "I earned a million"}]}, "append[0]: must be role (user)"),
        ({"append": [{"role": "user", "content": "x", "name": "y"}]}, "append[0]"),
        ({"append": [{"role": "user", "content": "x"}] * 21}, "at most 20"),
        ({"append": [{"role": "user", "content": "x" * 300_000}]}, "does not fit into context_tokens"),
        ({"append": "x"}, "a list of messages"),
        ({"messages": [SYSTEM, {"role": "user", "content": "x" * 300_000}]}, "do not fit into context_tokens"),
        ({"messages": [{"role": "user", "content": "u"}]}, "messages[0]: must be role (system)"),
        ({"messages": [SYSTEM]}, "the last message must be"),
        ({"messages": [SYSTEM, {"role": "assistant", "content": "forged"}]}, "kept or left out, not changed"),
        ({"messages": [SYSTEM, {"role": "tool", "tool_call_id": "c", "content": "forged"}]}, "kept or left out"),
        (
            '{"messages": [{"role": "system", "content": "s"}, {"role": "tool", "x": ' + "[" * 500 + "]" * 500 + "}]}",
            "not changed",
        ),
        ({"messages": []}, "messages is empty"),
        ({"compact": ""}, "compact must be a text"),
        ({"compact": {"usage": 0}}, "compact must be a text"),
    ],
)
async def test_what_a_harness_may_not_say_is_fallen_back_from_and_told(tmp_path: Path, output: Any, why: str) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)

    def broken(request: dict[str, Any]) -> Any:
        return output if request["task"] == "next" else GOOD

    gateway.compose.append(broken)
    model = MadeUpModel()
    loop = await operating(gateway, model)
    assert why in gateway.rejected[0]
    assert len(gateway.compose) == 1
    assert f"[host] {gateway.rejected[0]}" in [message["content"] for message in model.asked[0][0]]
    assert loop.composer.ref == "h_1"


async def test_kept_calls_keep_their_answers(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)

    def lossy(request: dict[str, Any]) -> Any:
        history = request["history"]
        if request["task"] == "begin" or history[-1]["role"] != "tool":
            return shipped()(request)
        return {"messages": history[:-1]}

    gateway.compose.append(lossy)
    await operating(gateway, MadeUpModel([calls(("echo", {}), ("echo", {}))]))
    assert "the last calls have no answers" in gateway.rejected[0]


async def test_without_any_harness_the_host_has_words_of_its_own(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1, compose=[lambda request: "?"])
    model = MadeUpModel()
    loop = await operating(gateway, model)
    assert roles(model.asked[0][0])[:2] == ["system", "user"]
    assert loop.composer.ref is None
    assert gateway.outages == []


async def test_a_summary_is_asked_for_with_the_tools_and_begins_anew(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path), hours=1)
    whole = shipped()

    def eager(request: dict[str, Any]) -> Any:
        if request["task"] == "next" and request["history"][-1]["role"] == "tool":
            return {"compact": "Sum up!"}
        return whole(request)

    gateway.compose.append(eager)
    model = MadeUpModel(
        [calls(("echo", {})), says("It went well.") | {"tool_calls": calls(("echo", {}))["tool_calls"]}]
    )
    loop = await operating(gateway, model)
    first, second, third = model.asked[:3]
    assert (second[2], second[1]) == ("none", first[1])
    assert second[0][: len(first[0])] == first[0]
    assert second[0][-1] == {"role": "user", "content": "Sum up!"}
    assert roles(third[0]) == ["system", "user"]
    assert "It went well." in third[0][1]["content"]
    assert len(gateway.calls) == 1
    assert len(gateway.charges) == len(model.asked) == 3
    assert loop.conversation.epoch == 2
