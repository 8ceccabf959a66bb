"""A headless Chromium, spoken to by its DevTools protocol."""

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--force-color-profile=srgb",
    "--remote-debugging-port=0",
)
"""No sandbox: it opens only pages of the product that we have just started, also as root in a container."""


class NoBrowserError(Exception):
    """There is no Chromium here."""


class Tab:
    """One page. Every method waits until the browser has done it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0
        self._events: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        while True:
            answer = await self._receive()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    async def _receive(self) -> dict[str, Any]:
        answer = await self._socket.receive_json()
        self._events.append(answer.get("method", ""))
        return answer

    async def open(self, address: str) -> None:
        """Go to a page and wait until it is loaded."""
        self._events.clear()
        await self.call("Page.navigate", url=address)
        await self._loaded()

    async def leave(self, script: str) -> None:
        """Run a script that leads to another page, and wait until that is loaded."""
        self._events.clear()
        await self.evaluate(script)
        await self._loaded()

    async def _loaded(self) -> None:
        while "Page.loadEventFired" not in self._events:
            await self._receive()

    async def look(self, width: int, height: int, scale: int, theme: str) -> None:
        """Set the window's size, the screen's density and the reader's theme."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])

    async def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        found = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        return found["result"].get("value")

    async def picture(self) -> bytes:
        """Return what is seen, as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])


def program() -> str:
    """Return where the browser is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise NoBrowserError("Chromium is missing. On Debian and Ubuntu: apt-get install chromium fonts-noto-core")
    return found


@asynccontextmanager
async def tab(browser: str, profile: Path) -> AsyncIterator[Tab]:
    """Start the browser with a profile of its own and yield a page of it."""
    process = await asyncio.create_subprocess_exec(
        browser, *FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        place = ""
        while not place:
            line = (await process.stderr.readline()).decode()
            if not line:
                raise NoBrowserError(f"{browser} ended before it listened")
            place = "".join(re.findall(r"ws://([0-9.:]+)/", line))
        async with aiohttp.ClientSession() as http:
            async with http.put(f"http://{place}/json/new?about:blank") as answer:
                address = (await answer.json())["webSocketDebuggerUrl"]
            async with http.ws_connect(address, max_msg_size=0) as socket:
                page = Tab(socket)
                await page.call("Page.enable")
                yield page
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
