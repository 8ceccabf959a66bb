"""Fixtures: an application on a fresh database, and browsers to visit it with."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from tests.api_client import Api
from tests.browser import Browser
from tracker.app import make_app
from tracker.migrating import migrate
from tracker.services import SERVICES, Services
from tracker.settings import Argon2Cost, Settings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/tracker.db",
        data=tmp_path / "data",
        egress=tmp_path / "egress",
        secret="a secret for tests",
        argon2=Argon2Cost(1, 8, 1),
        max_upload_bytes=100_000,
    )


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: making one for each test would take most of the time."""
    path = tmp_path_factory.mktemp("empty") / "tracker.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
async def server(settings: Settings, empty_database: Path, tmp_path: Path) -> AsyncIterator[TestServer]:
    shutil.copyfile(empty_database, tmp_path / "tracker.db")
    server = TestServer(make_app(settings))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
def services(server: TestServer) -> Services:
    return server.app[SERVICES]


@pytest.fixture
async def visitor(server: TestServer) -> AsyncIterator[Browser]:
    """Somebody without an account."""
    async with Browser(server) as browser:
        yield browser


@pytest.fixture
async def ada(server: TestServer) -> AsyncIterator[Browser]:
    """The owner of Analytical Engines."""
    async with Browser(server) as browser:
        await browser.sign_up("Analytical Engines", "Ada", "ada@example.com")
        yield browser


@pytest.fixture
async def grace(server: TestServer) -> AsyncIterator[Browser]:
    """The owner of another company."""
    async with Browser(server) as browser:
        await browser.sign_up("Compilers", "Grace", "grace@example.com")
        yield browser


@pytest.fixture
async def api(ada: Browser) -> Api:
    """A program of Analytical Engines' owner."""
    return Api(ada, await ada.make_token())
