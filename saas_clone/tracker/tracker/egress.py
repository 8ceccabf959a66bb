"""The way out. We have no network: the platform picks up our requests from a folder, and leaves the answers.

``new/ID.json`` is a request, written whole or not at all; ``done/ID.json`` is what became of it.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

MOST_ANSWER_BYTES = 10_000


@dataclass(frozen=True)
class Request:
    """An HTTP request for the platform to make. ``id`` names its files: letters, digits and hyphens."""

    id: str
    url: str
    method: str
    headers: Mapping[str, str]
    body: str


class Egress:
    """The folder that the platform and all instances share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, request: Request) -> None:
        """Hand a request over. The same id again replaces what was not picked up yet."""
        await asyncio.to_thread(self._send, request)

    def _send(self, request: Request) -> None:
        folder = self.folder / "new"
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{request.id}.part"
        part.write_text(json.dumps(asdict(request)), "utf-8")
        os.replace(part, folder / f"{request.id}.json")

    async def answer(self, request_id: str) -> int | None:
        """Return the HTTP status that a request was answered with; ``None`` when it is not known (yet)."""
        return await asyncio.to_thread(self._answer, self._done(request_id))

    def _answer(self, path: Path) -> int | None:
        try:
            with path.open("rb") as file:
                found = json.loads(file.read(MOST_ANSWER_BYTES))
        except FileNotFoundError:
            return None
        except ValueError:
            return 0
        status = found.get("status") if isinstance(found, dict) else None
        return status if isinstance(status, int) else 0

    async def forget(self, request_id: str) -> None:
        """Remove an answer that was taken note of."""
        await asyncio.to_thread(self._done(request_id).unlink, missing_ok=True)

    def _done(self, request_id: str) -> Path:
        return self.folder / "done" / f"{request_id}.json"
