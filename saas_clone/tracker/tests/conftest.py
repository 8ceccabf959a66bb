"""Fixtures: an application on a fresh database, and browsers to visit it with."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from tests.api_client import Api
from tests.browser import Browser
from tests.databases import Databases, Postgres, SqliteFiles
from tracker.app import make_app
from tracker.services import SERVICES, Services
from tracker.settings import Argon2Cost, Settings, database_url


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    url = os.environ.get("TRACKER_TEST_DATABASE_URL", "")
    if not url:
        yield SqliteFiles(tmp_path_factory.mktemp("databases"))
        return
    postgres = Postgres(database_url(url))
    yield postgres
    postgres.drop_model()


def _settings(url: str, folder: Path) -> Settings:
    return Settings(
        database_url=url,
        data=folder / "data",
        egress=folder / "egress",
        secret="a secret for tests",
        argon2=Argon2Cost(1, 8, 1),
        max_upload_bytes=100_000,
    )


@pytest.fixture
def settings(databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a migrated database."""
    url = databases.migrated(tmp_path)
    yield _settings(url, tmp_path)
    databases.drop(url)


@pytest.fixture
def bare(databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a database in which nothing is."""
    url = databases.empty(tmp_path)
    yield _settings(url, tmp_path)
    databases.drop(url)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[TestServer]:
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
