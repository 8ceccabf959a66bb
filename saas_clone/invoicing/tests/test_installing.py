"""Migrations, the import, the process, health, logs, settings."""

import copy
import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from invoicing.jobs import nightly
from invoicing.logs import JsonLines
from invoicing.migrating import CONFIG, migrate
from invoicing.runtime import Runtime
from invoicing.seeding import SeedError, seed
from invoicing.settings import Settings, SettingsError
from invoicing.storage import Storage
from invoicing.tables import Base
from tests.people import PASSWORD, Someone

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parent.parent

SEED = {
    "firms": [
        {
            "name": "Seeded",
            "currency": "CHF",
            "created_at": "2026-01-05T09:00:00+00:00",
            "users": [{"name": "Sam", "email": "Sam@example.com", "password": PASSWORD, "role": "owner"}],
            "clients": [{"name": "Client A", "email": "a@example.com"}, {"name": "Client B"}],
            "items": [{"name": "Hour", "unit": "h", "unit_price": "120", "tax_rate": "8.1"}],
            "invoices": [
                {
                    "client": "Client A",
                    "subject": "Ünlike others",
                    "issued_on": "2026-01-20",
                    "sent": True,
                    "reminded": 1,
                    "lines": [{"description": "Hours", "quantity": "1.5", "unit_price": "99.99", "tax_rate": "8.1"}],
                    "payments": [{"amount": "100", "reference": "part"}],
                }
            ],
            "bulk_invoices": {
                "count": 40,
                "clients": ["Client B"],
                "subject_prefix": "Retainer",
                "first": "2025-11-01",
                "last": "2026-02-15",
                "lines": [{"description": "Month", "unit_price": "10", "tax_rate": "8.1"}],
            },
        }
    ]
}


def upgrade(connection: Connection) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata))


def schema(connection: Connection) -> set[str]:
    """Return the statements of the schema, without differences that mean nothing."""
    rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {"".join(sorted(row.sql.replace('"', "").replace(",", " ").split())) for row in rows}


async def test_migrations_come_to_the_tables(tmp_path: Path) -> None:
    stepwise = Storage(f"sqlite+aiosqlite:///{tmp_path}/stepwise.db")
    async with stepwise.engine.begin() as connection:
        await connection.run_sync(upgrade)
        assert await connection.run_sync(differences) == []
        expected = await connection.run_sync(schema)
    await stepwise.close()
    url = f"sqlite+aiosqlite:///{tmp_path}/at_once.db"
    await migrate(url)
    await migrate(url)  # a second time does nothing
    at_once = Storage(url)
    async with at_once.engine.connect() as connection:
        assert await connection.run_sync(schema) == expected
    await at_once.close()


async def test_seeded_books_are_in_order(settings: Settings, visitor: Someone, runtime: Runtime) -> None:
    counts = await seed(settings, copy.deepcopy(SEED))
    assert (counts["documents"], counts["payments"], counts["letters"]) == (41, 41, 42)
    await nightly.run(runtime)
    await visitor.open("/login")
    await visitor.press("Log in", Email="sam@example.com", Password=PASSWORD)
    await visitor.press("Search", Search="ünlike OTHERS")
    number = next(link for link in visitor.page.links if link.startswith("Invoice "))
    page = await visitor.click(number)
    assert page.says("1.5 h 99.99") or page.says("1.5 99.99")
    assert page.says("Total 162.14 CHF") and page.says("Open 62.14 CHF") and page.says("Status Overdue")
    await visitor.issue()
    await nightly.run(runtime)


async def test_a_wrong_file_changes_nothing(settings: Settings) -> None:
    wrong = copy.deepcopy(SEED)
    wrong["firms"].append({"title": "No name"})
    with pytest.raises(SeedError, match="name"):
        await seed(settings, wrong)
    wrong["firms"][1] = SEED["firms"][0]
    with pytest.raises(SeedError, match="twice"):
        await seed(settings, wrong)
    assert (await seed(settings, {"firms": []}))["firms"] == 0


async def test_health_and_metrics(visitor: Someone) -> None:
    async with visitor.http.get(visitor.server.make_url("/healthz")) as response:
        assert await response.json() == {"status": "ok"}
    async with visitor.http.get(visitor.server.make_url("/metrics")) as response:
        assert 'invoicing_requests_total{method="GET",route="/healthz",status="200"} 1' in await response.text()
    headers = {"X-Forwarded-For": "203.0.113.5"}
    async with visitor.http.get(visitor.server.make_url("/metrics"), headers=headers) as response:
        assert response.status == 404


async def test_headers_and_refusals(visitor: Someone) -> None:
    async with visitor.http.get(visitor.server.make_url("/login")) as response:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
    async with visitor.http.get(visitor.server.make_url("/static/style.css?v=1")) as response:
        assert "immutable" in response.headers["Cache-Control"]
    page = await visitor.open("/nowhere")
    assert (page.status, page.h1) == (404, "Not found")
    async with visitor.http.delete(visitor.server.make_url("/login")) as response:
        assert response.status == 405 and response.headers["Allow"] == "GET,HEAD,POST"


async def test_our_failures_are_honest_and_say_nothing_of_us(
    ada: Someone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("invoicing.clients.listed", None)
    page = await ada.open("/clients")
    assert page.status == 500 and "Something went wrong" in page.roles["alert"]
    assert "Traceback" not in page.html and "TypeError" in caplog.text


async def test_secrets_stay_out_of_the_logs(ada: Someone, caplog: pytest.LogCaptureFixture) -> None:
    await ada.issue()
    link = ada.page.links["Public link"].removeprefix(ada.origin)
    with caplog.at_level(logging.INFO, "invoicing.access"):
        await ada.open(link)
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert lines and not any(link.rsplit("/", 1)[-1] in json.dumps(line) for line in lines)


def test_settings_say_what_is_wrong() -> None:
    assert Settings.from_environment({"INVOICING_ARGON2_COST": "1,8,1"}).argon2_cost == (1, 8, 1)
    assert Settings.from_environment({"INVOICING_DATABASE_URL": "postgresql://x"}).database_url.startswith(
        "postgresql+asyncpg:"
    )
    with pytest.raises(SettingsError, match="INVOICING_PORT is 'x'"):
        Settings.from_environment({"INVOICING_PORT": "x"})


async def test_a_process_on_a_socket_stops_politely(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "INVOICING_SOCKET": str(tmp_path / "s"),
        "INVOICING_DATABASE_URL": f"sqlite:///{tmp_path}/books.db",
    }
    run = [sys.executable, "-m", "invoicing"]
    for words in (["migrate"], ["job", "nightly"], ["job", "recurring"], ["job", "reminders"]):
        subprocess.run([*run, *words], cwd=ROOT, env=environment, check=True, capture_output=True)
    process = subprocess.Popen([*run, "serve"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        assert b"listening" in process.stderr.readline()
        connector = aiohttp.UnixConnector(str(tmp_path / "s"))
        async with aiohttp.ClientSession(connector=connector) as http, http.get("http://t/login") as response:
            assert response.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.stderr.close()


def test_what_instances_share_is_loaded_without_settings() -> None:
    words = "import invoicing.preload; from invoicing.templating import environment; print(*environment().cache)"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("INVOICING_")}
    run = [sys.executable, "-c", words]
    loaded = subprocess.run(run, cwd=ROOT, env=bare, check=True, capture_output=True, text=True).stdout
    assert all(file.name in loaded for file in (ROOT / "invoicing" / "templates").iterdir())
