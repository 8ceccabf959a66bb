"""What machines see: health, metrics, headers, errors, and a process that stops politely."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.browser import Browser
from tracker.logs import JsonLines

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parent.parent


async def test_health(visitor: Browser) -> None:
    async with visitor.http.get(visitor.server.make_url("/healthz")) as response:
        assert await response.json() == {"status": "ok"}


async def test_metrics_are_for_the_platform(visitor: Browser) -> None:
    await visitor.open("/login")
    url = visitor.server.make_url("/metrics")
    async with visitor.http.get(url) as response:
        assert 'tracker_requests_total{method="GET",route="/login",status="200"} 1' in await response.text()
    async with visitor.http.get(url, headers={"X-Forwarded-For": "203.0.113.5"}) as response:
        assert response.status == 404


async def test_headers(visitor: Browser) -> None:
    async with visitor.http.get(visitor.server.make_url("/login")) as response:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
    async with visitor.http.get(visitor.server.make_url("/static/style.css?v=1")) as response:
        assert "immutable" in response.headers["Cache-Control"]


async def test_unknown_addresses(visitor: Browser) -> None:
    page = await visitor.open("/nowhere")
    assert page.status == 404 and page.h1 == "Not found"
    async with visitor.http.delete(visitor.server.make_url("/login")) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET,HEAD,POST"


async def test_failures_are_friendly(
    ada: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tracker.labels.listed", None)
    page = await ada.open("/labels")
    assert page.status == 500
    assert "Something went wrong" in page.alert and "Traceback" not in page.body
    assert "TypeError" in caplog.text


def test_log_lines_are_json() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "request", None, None)
    record.fields = {"status": 200}
    assert json.loads(JsonLines().format(record))["status"] == 200


async def test_a_process_on_a_socket_stops_politely(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    environment = {
        **os.environ,
        "TRACKER_SOCKET": str(socket),
        "TRACKER_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
        "TRACKER_DATA": str(tmp_path),
    }
    run = [sys.executable, "-m", "tracker"]
    subprocess.run([*run, "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True)
    process = subprocess.Popen([*run, "serve"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        assert b"listening" in process.stderr.readline()
        connector = aiohttp.UnixConnector(str(socket))
        async with aiohttp.ClientSession(connector=connector) as http, http.get("http://t/login") as response:
            assert response.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.stderr.close()


def test_what_instances_share_is_loaded_without_settings() -> None:
    words = "import tracker.preload; from tracker.templating import environment; print(*environment().cache)"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    run = [sys.executable, "-c", words]
    loaded = subprocess.run(run, cwd=ROOT, env=bare, check=True, capture_output=True, text=True).stdout
    assert all(file.name in loaded for file in (ROOT / "tracker" / "templates").iterdir())
