"""A client of the edge for tests: one keep-alive connection, as users have."""

import asyncio
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Requests over one unix socket; `address` is the simulated one."""

    def __init__(self, socket: str, address: str = "198.51.100.7") -> None:
        self._socket = socket
        self._address = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_unix_connection(self._socket)
        self._writer.write(data)
        await self._writer.drain()

    async def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request and its answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"X-Sim-Client: {self._address}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body or method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(body)}")
        await self.raw("\r\n".join([*lines, "", ""]).encode() + body)
        return await self.answer(method)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, **headers)

    async def answer(self, method: str = "GET") -> Answer:
        """Read one answer."""
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        status = int(head[0].split()[1])
        body = b""
        if method != "HEAD" and status not in (204, 304) and status >= 200:
            body = await self._body(headers)
        if headers.get("connection") == "close":
            await self.close()
        return Answer(status, headers, body)

    async def _body(self, headers: dict[str, str]) -> bytes:
        assert self._reader is not None
        if headers.get("transfer-encoding") != "chunked":
            return await self._reader.readexactly(int(headers["content-length"]))
        parts: list[bytes] = []
        while True:
            size = int(await self._reader.readline(), 16)
            parts.append(await self._reader.readexactly(size))
            await self._reader.readline()
            if size == 0:
                return b"".join(parts)

    async def close(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            await writer.wait_closed()
