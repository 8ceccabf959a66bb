"""A running business as an Inspect task: any model that Inspect reaches runs it over MCP, and is scored in dollars.

concern serve short --mcp --token SECRET           # prints the run's directory and the tools' address
inspect eval adapters/inspect/business.py --model MODEL -T url=ADDRESS -T key=RUN/trainer.json
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
from inspect_ai import Task, task
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, chain, solver
from inspect_ai.tool import mcp_server_http, mcp_tools
from mcp import Client

PROMPT = (
    "You run a small software company: its code, servers, customers, tickets and prices. Begin with "
    'read_file({"path": "HANDOVER.md"}). Time passes by the tool wait. Go on until the tools say that the episode is over, '
    "and earn as much money as you can."
)
TIMEOUT_S = 60
"""Real seconds for one answer of a tool; each comes in 20."""


@task
def business(url: str, key: str) -> Task:
    """One business. `url`: the tools' address, with its token; `key`: the run's trainer.json."""
    tools = mcp_tools(mcp_server_http(name="saas", url=url, timeout=TIMEOUT_S))
    return Task(
        dataset=[Sample(input=PROMPT)],
        solver=chain(react(prompt=PROMPT, tools=[tools]), until_the_end(url)),
        scorer=net_usd(key),
    )


@solver
def until_the_end(url: str) -> Solver:
    """Whatever the agent left undone: time passes without it until the company's episode is over."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        async with Client(url) as client:
            while not await _is_over(client):
                pass
        return state

    return solve


async def _is_over(client: Client) -> bool:
    answer = await client.call_tool("wait", {"hours": 24 * 365})
    return bool(answer.is_error) and json.loads(answer.content[0].text)["code"] == "episode_over"


@scorer(metrics=[mean(), stderr()])
def net_usd(key: str) -> Scorer:
    """What the company earned, in dollars; no score at all where the episode was voided by a failure that is not the model's."""

    async def score(state: TaskState, target: Target) -> Score | None:
        last = [said async for said in rewards(key)][-1]
        if last["state"] == "voided":
            return None
        return Score(value=last["sum"] / 1e6, metadata={"entries": last["count"], "sha256": last["sha256"]})

    return score


async def rewards(key: str) -> AsyncIterator[dict[str, Any]]:
    """The reward stream from its first message to its last word; see docs/reward.md."""
    secret = json.loads(Path(key).read_text())  # noqa: ASYNC240 (one small file)
    bus = await nats.connect(
        secret["url"], user=secret["user"], password=secret["password"], inbox_prefix=secret["inbox_prefix"]
    )
    try:
        news = await bus.subscribe(f"reward.{secret['episode']}.>")
        position = 1
        while True:
            asked = json.dumps({"seq": position}).encode()
            stored = await bus.request("$JS.API.DIRECT.GET.REWARD", asked, timeout=10)
            if (stored.headers or {}).get("Status"):
                await news.next_msg(timeout=None)
                continue
            said, position = json.loads(stored.data), position + 1
            yield said
            if said.get("state") in ("settled", "voided"):
                return
    finally:
        await bus.close()
