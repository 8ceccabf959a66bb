"""Composes the conversation: JSON on standard input, JSON on standard output. The README beside it says what may stand there."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

FULL, OVERFULL = 0.75, 0.95
"""Shares of what a prompt may have: from the first on it is summed up; beyond the second it is too late for that."""
BYTES_A_TOKEN = 3
"""Low, so that what is estimated is rather too much."""
MOST_NOTES = 24_000
"""Bytes of notes that are shown."""
INSTRUCTION = """\
The conversation has become long and begins anew after your answer, which is all that you will remember, beside your notes.
Do not call a tool. Write down: what you were doing and what comes next; what you found out about the product, production
and customers, with file names, ids and commits; what you promised to whom; what you tried that did not work."""


def system() -> dict[str, Any]:
    return {"role": "system", "content": Path(__file__).with_name("system.md").read_text(encoding="utf-8")}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def notes(home: Path) -> str:
    """What the operator noted down, by name; only plain files, and not more than fits."""
    texts: list[str] = []
    room = MOST_NOTES
    for path in [home / "notes.md", *sorted((home / "harness" / "notes").glob("*.md"))]:
        try:
            if room <= 0:
                return "\n".join([*texts, "(the rest does not fit: keep notes short)"])
            if stat.S_ISREG(path.stat().st_mode):
                with path.open("rb") as file:
                    text = file.read(room).decode("utf-8", "replace")
                room -= len(text)
                texts.append(f"--- {path.name}\n{text}")
        except OSError:
            continue
    return "\n".join(texts)


def opening(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The first messages of a conversation."""
    text = f"Your notes:\n{notes(Path(request['home']))}"
    if request["summary"]:
        text += f"\n\nWhat you wrote when the conversation before became too long:\n{request['summary']}"
    return [system(), user(text)]


def groups(history: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The history in parts that stand by themselves: a call goes with its answers."""
    parts: list[list[dict[str, Any]]] = []
    for message in history:
        if message["role"] == "tool":
            parts[-1].append(message)
        else:
            parts.append([message])
    return parts


def cut(request: dict[str, Any]) -> list[dict[str, Any]]:
    """A new conversation with the end of the old one, where that is too long for a summary."""
    room = request["budget"]["context_tokens"] * BYTES_A_TOKEN // 4
    kept: list[list[dict[str, Any]]] = []
    for part in reversed(groups(request["history"][1:])):
        room -= len(json.dumps(part))
        if room < 0:
            break
        kept.insert(0, part)
    told = user(
        "The conversation was too long even to be summed up: its beginning is left out here. Answers may be missing."
    )
    return [*opening(request | {"summary": None}), told, *(message for part in kept for message in part)]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """One answer to one request."""
    if request["task"] == "begin":
        return {"messages": opening(request)}
    budget, history = request["budget"], request["history"]
    room = budget["context_tokens"] - budget["reply_tokens"]
    if budget["used_tokens"] > OVERFULL * room:
        return {"messages": cut(request)}
    if budget["used_tokens"] > FULL * room:
        return {"compact": INSTRUCTION}
    if history[0] != system():
        return {"messages": [system(), *history[1:]]}
    return {}


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
