"""A model server for tests: OpenAI-compatible as far as a client can tell, scripted, and faulty on demand. It needs no key."""

import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from aiohttp import web

KEY = "sk-fake-1f6d2b7a9c"
"""The key that it insists on: a canary, to be found nowhere else."""

FIRST_ID, BEGIN, END = 700_000, 700_256, 700_257
"""Ids of its tokens: a byte is one from `FIRST_ID` on, and so written nowhere by chance; a message stands between two more."""
CANARY = b"%d,%d" % (FIRST_ID + ord("r"), FIRST_ID + ord("o"))
"""What any JSON with ids of a message holds."""

Request = dict[str, Any]
Message = dict[str, Any]
Script = Generator[Message, Request, None]
"""Yields the model's messages, and gets the request that the next one answers."""
Fault = Callable[["FakeModel", web.Request], Any]
"""Answers a request in the model's place."""


def says(text: str) -> Message:
    """An answer without a call."""
    return {"role": "assistant", "content": text}


def calls(*wanted: tuple[str, dict[str, Any] | str], text: str = "") -> Message:
    """An answer with calls of tools; arguments as text go out as they are."""
    made = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
        }
        for number, (name, given) in enumerate(wanted)
    ]
    return {"role": "assistant", "content": text or None, "tool_calls": made}


def results(request: Request) -> list[str]:
    """What the tools answered to the last calls, without the host's note on the time."""
    found: list[str] = []
    for message in reversed(request["messages"]):
        if message["role"] == "assistant":
            break
        if message["role"] == "tool":
            found.insert(0, message["content"].rsplit("\n[day", 1)[0])
    return found


def ids_of(message: Message) -> list[int]:
    """A message as tokens, without what begins it."""
    return [*(FIRST_ID + byte for byte in json.dumps(message).encode()), END]


def prompt_of(request: Request) -> list[int]:
    """A request as tokens: a template without tools, which ends where the answer begins."""
    return [*(one for message in request["messages"] for one in (BEGIN, *ids_of(message))), BEGIN]


def status(code: int, **headers: str) -> Fault:
    """Answers with an error."""

    def answer(_: "FakeModel", __: web.Request) -> web.Response:
        error = {"error": {"message": f"made up {code}", "type": "made_up"}}
        return web.json_response(
            error, status=code, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    return answer


def body(content: bytes) -> Fault:
    """Answers with anything: garbage, or JSON of another kind."""
    return lambda _, __: web.Response(body=content, content_type="application/json")


async def hang(model: "FakeModel", _: web.Request) -> web.Response:
    """Answers when the client has gone, or the test is over."""
    await model.closing.wait()
    return web.Response()


def cut(_: "FakeModel", request: web.Request) -> web.Response:
    """Closes the connection without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@dataclass
class FakeModel:
    """The server, what it was sent, and what it will say."""

    script: Script
    faults: deque[Fault] = field(default_factory=deque[Fault])
    """For the next requests, one each."""
    always: Fault | None = None
    """For every request, after these."""
    url: str = ""
    sent: list[bytes] = field(default_factory=list[bytes])
    """The body of every request that was answered, unless somebody watches them."""
    watch: Callable[[bytes], None] | None = None
    tokens: Callable[[bytes], int] = lambda body: len(body) // 4
    """What it counts for some bytes."""
    ids: bool = False
    """Gives token ids and log-probabilities as vLLM does, to those who ask for both."""
    closing: anyio.Event = field(default_factory=anyio.Event)
    answered: int = 0
    _begun: bool = False

    @property
    def requests(self) -> list[Request]:
        return [json.loads(data) for data in self.sent]

    async def complete(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"message": "wrong key"}}, status=401)
        data = await request.read()
        fault = self.faults.popleft() if self.faults else self.always
        if fault is not None:
            answer = fault(self, request)
            return answer if isinstance(answer, web.StreamResponse) else await answer
        self.answered += 1
        if self.watch is not None:
            self.watch(data)
        else:
            self.sent.append(data)
        asked = json.loads(data)
        message = self._next(asked)
        usage = {"prompt_tokens": self.tokens(data), "completion_tokens": self.tokens(json.dumps(message).encode())}
        choice: dict[str, Any] = {
            "index": 0,
            "message": message,
            "finish_reason": "tool_calls" if "tool_calls" in message else "stop",
        }
        whole: dict[str, Any] = {"id": f"c{self.answered}", "object": "chat.completion", "created": 0, "model": "fake"}
        if self.ids and asked.get("return_token_ids"):
            whole["prompt_token_ids"] = prompt_of(asked)
            choice["token_ids"] = ids_of(message)
        if self.ids and asked.get("logprobs") and "top_logprobs" in asked:
            choice["logprobs"] = {"content": [*map(_logprob, ids_of(message))]}
        return web.json_response(whole | {"choices": [choice], "usage": usage})

    def _next(self, request: Request) -> Message:
        if request["tool_choice"] == "none":
            return says("Summary: all is well so far.")
        try:
            if self._begun:
                return self.script.send(request)
            self._begun = True
            return next(self.script)
        except StopIteration:
            return calls(("wait", {"hours": 24 * 365}))


def _logprob(token: int) -> dict[str, Any]:
    return {"token": f"token_id:{token}", "logprob": -token / 1e6, "bytes": [token % 256], "top_logprobs": []}


@asynccontextmanager
async def fake_model(script: Script, **settings: Any) -> AsyncGenerator[FakeModel]:
    """Serve a script on a free port of 127.0.0.1."""
    model = FakeModel(script, **settings)
    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/v1/chat/completions", model.complete)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    model.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield model
    finally:
        model.closing.set()
        await runner.cleanup()
