"""The demand probe at work: the release and the reference run side by side, and answer the same requests in turn."""

import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import anyio
import structlog

from bus.messages.cloud import DemandProfiled
from services.cloud.demand import DemandCache, ProbePlan, ProbeRequest, is_clear, leak, ratio, ratios, size_bucket
from services.cloud.driver import Running
from services.cloud.edge.http1 import Headers, ResponseHead, head_bytes
from services.cloud.edge.upstream import Connection, Failed, Upstream
from services.cloud.errors import ProductError
from services.cloud.fleet import Software
from services.cloud.process import ProcessDriver

ANSWER_BYTES = 4 << 20
ANSWER_SECONDS = 60.0
LEAK_WINDOWS = 4
_UNMEASURED = -1.0
CANDIDATE, REFERENCE = "candidate", "reference"
Opened = Callable[[], AbstractAsyncContextManager[ProcessDriver]]


class Session:
    """One client of one instance: cookies, captured values, and the instance's CPU for each request."""

    def __init__(self, instance: Running) -> None:
        self.instance = instance
        self._upstream = Upstream(instance.id, instance.address)
        self._values: dict[str, str] = {}
        self._cookies: dict[str, str] = {}
        self._count = 0

    async def send(self, request: ProbeRequest) -> int:
        """CPU nanoseconds that the answer took. ProductError("health") if there was none, or one of 400 and above."""
        self._count += 1
        answer = _Answer()
        before = self.instance.cpu_ns()
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                method = request.method.encode()
                await self._upstream.exchange(self._bytes(request), method, answer, ANSWER_BYTES, _ignore)
        except (Failed, TimeoutError) as error:
            raise ProductError("health", f"{request.method} {request.path}: {error}") from error
        used = self.instance.cpu_ns() - before
        if answer.status >= 400:
            raise ProductError("health", f"{request.method} {request.path} answered {answer.status}")
        self._remember(request, answer)
        return used

    def close(self) -> None:
        """Close its connections."""
        self._upstream.close()

    def _bytes(self, request: ProbeRequest) -> bytes:
        values = self._values | {"n": str(self._count)}
        path = request.path.format(**{name: quote_plus(value) for name, value in values.items()})
        body = b""
        headers: Headers = [(b"host", b"localhost"), (b"user-agent", b"Mozilla/5.0"), (b"accept", b"*/*")]
        headers += [(name.lower().encode(), value.format(**values).encode()) for name, value in request.headers.items()]
        if request.form is not None:
            body = urlencode({name: value.format(**values) for name, value in request.form.items()}).encode()
            headers.append((b"content-type", b"application/x-www-form-urlencoded"))
        elif request.json_body is not None:
            body = re.sub(r"{{(\w+)}}", lambda found: values[found[1]], request.json_body).encode()
            headers.append((b"content-type", b"application/json"))
        if self._cookies:
            headers.append((b"cookie", "; ".join(f"{name}={value}" for name, value in self._cookies.items()).encode()))
        if request.method != "GET":
            headers.append((b"content-length", b"%d" % len(body)))
        return head_bytes(f"{request.method} {path} HTTP/1.1".encode(), headers) + body

    def _remember(self, request: ProbeRequest, answer: "_Answer") -> None:
        for name, value in answer.headers:
            if name == b"set-cookie":
                key, _, rest = value.decode("latin-1").partition("=")
                self._cookies[key.strip()] = rest.split(";", 1)[0]
        text = answer.content.decode("utf-8", "replace")
        for name, pattern in request.capture.items():
            found = re.search(pattern, text)
            if found is not None:
                self._values[name] = found[1]


class _Answer:
    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.content = bytearray()

    def head(self, head: ResponseHead) -> None:
        self.status, self.headers = head.status, head.headers

    def body(self, data: bytes) -> bool:
        self.content += data
        return True


def _ignore(connection: Connection) -> None:
    del connection


_MEASURING: Counter[int] = Counter()
"""How many measurements of this process go on, by processor."""


@contextmanager
def _one_processor() -> Generator[int]:
    """A processor on which no other measurement of this process goes on, if there is one; each process begins elsewhere."""
    able = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(able)
    processor = min(able[first:] + able[:first], key=lambda one: _MEASURING[one])
    _MEASURING[processor] += 1
    try:
        yield processor
    finally:
        _MEASURING[processor] -= 1


class DemandProbe:
    """Measures releases against the reference. `opened` gives a driver of its own, `origin` are the data at the start."""

    def __init__(self, opened: Opened, plan: ProbePlan, reference: Software, origin: Path, cache: DemandCache) -> None:
        self._opened = opened
        self._plan = plan
        self._reference = reference
        self._origin = origin
        self._cache = cache

    async def profile(self, software: Software) -> DemandProfiled:
        """The release's profile, measured or remembered. What cannot be measured counts as the reference's."""
        size = sum(path.stat().st_size for path in self._origin.rglob("*") if path.is_file())
        key = f"{software.release}/{self._reference.release}/{self._plan.digest()}/{size_bucket(size)}"
        if (known := self._cache.get(key)) is not None:
            return known
        try:
            async with (
                self._opened() as driver,
                self._session(driver, software, CANDIDATE) as candidate,
                self._session(driver, self._reference, REFERENCE) as reference,
            ):
                profile = await self._measure(software.release, candidate, reference)
        except ProductError as error:
            structlog.get_logger().warning("no demand profile", release=software.release, reason=str(error))
            return DemandProfiled(release=software.release, ratio={}, leak_bytes={}, cached=False)
        return self._cache.put(key, profile)

    async def _measure(self, release: str, candidate: Session, reference: Session) -> DemandProfiled:
        ratios: dict[str, float] = {}
        for kind in self._plan.kinds:
            twin = next((other.kind for other in self._plan.kinds if other.request == kind.request), kind.kind)
            ratios[kind.kind] = ratios.get(twin, 0.0) or await self._safely(
                release, kind.kind, self._ratio(kind.request, candidate, reference), _UNMEASURED
            )
        working = [kind.request for kind in self._plan.kinds if ratios[kind.kind] != _UNMEASURED]
        left = int(await self._safely(release, "leak", self._leak(working, candidate, reference), 0))
        return DemandProfiled(
            release=release,
            ratio={kind: 1.0 if value == _UNMEASURED else value for kind, value in ratios.items()},
            leak_bytes=dict.fromkeys(ratios, left),
            cached=False,
        )

    async def _safely(self, release: str, what: str, work: Awaitable[float], otherwise: float) -> float:
        """A measurement, or something else where the product does not answer."""
        try:
            return await work
        except ProductError as error:
            structlog.get_logger().warning("not measured", release=release, what=what, reason=str(error))
            return otherwise

    async def _ratio(self, request: ProbeRequest, candidate: Session, reference: Session) -> float:
        """Pairs of answers until the median is clear: what a neighbour on this machine does is not the release's."""
        await self._pairs(self._plan.warm_up, request, candidate, reference)
        measured: list[float] = []
        for _ in range(0, self._plan.most_pairs, self._plan.pairs):
            measured += await self._pairs(self._plan.pairs, request, candidate, reference)
            if is_clear(measured):
                break
        return ratio(measured)

    async def _pairs(self, count: int, request: ProbeRequest, candidate: Session, reference: Session) -> list[float]:
        """Both sides answer in turn, on one processor: on two of them, one may have the noisier neighbour all the while."""
        mine: list[int] = []
        theirs: list[int] = []
        with _one_processor() as processor:
            candidate.instance.pin(processor)
            reference.instance.pin(processor)
            for turn in range(count):
                if turn % 2:
                    mine.append(await candidate.send(request))
                    theirs.append(await reference.send(request))
                else:
                    theirs.append(await reference.send(request))
                    mine.append(await candidate.send(request))
        return ratios(mine, theirs)

    async def _leak(self, requests: Sequence[ProbeRequest], candidate: Session, reference: Session) -> int:
        """What a request leaves behind, over all kinds in turn: few requests of one kind would drown in the allocator's
        noise, so every kind is told the mean.

        A leak grows again and again, while the allocator takes a new block now and then: it must show in each of four
        windows, after one that fills what is free, since a leak that is none would cost its owner crashes for as long as
        the release is served. The first window in which it does not show ends the search.
        """
        rounds = -(-self._plan.leak_requests // (2 * max(1, len(requests))))
        each = max(1, rounds * len(requests))
        await self._grown(requests, candidate, rounds)
        first = await self._grown(requests, candidate, rounds)
        if not leak([first], each):
            return 0  # a leak shows in each window, whatever the reference does
        await self._grown(requests, reference, rounds)
        windows = [max(0, first - max(0, await self._grown(requests, reference, rounds)))]
        while (found := leak(windows, each)) and len(windows) < LEAK_WINDOWS:
            mine = await self._grown(requests, candidate, rounds)
            theirs = await self._grown(requests, reference, rounds)
            windows.append(max(0, mine - max(0, theirs)))
        return found

    async def _grown(self, requests: Sequence[ProbeRequest], session: Session, rounds: int) -> int:
        """Bytes by which an instance grows over some rounds."""
        before = session.instance.rss_bytes()
        for _ in range(rounds):
            for request in requests:
                await session.send(request)
        return session.instance.rss_bytes() - before

    @asynccontextmanager
    async def _session(self, driver: ProcessDriver, software: Software, place: str) -> AsyncGenerator[Session]:
        data = driver.layout.data / place
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self._origin, data, symlinks=True)
        driver.hand_over(data)
        if software.migrate is not None:
            ended = await driver.run(f"migrate-{place}", software.release, software.migrate, software.app, place=place)
            if ended.code != 0:
                raise ProductError("migrate", ended.detail)
        instance = await driver.start(f"p_{place}", software.release, software.app, software.health, place=place)
        session = Session(instance)
        try:
            for request in self._plan.login:
                await session.send(request)
            yield session
        finally:
            session.close()
            await instance.stop(grace_s=10.0)
            shutil.rmtree(data, ignore_errors=True)
