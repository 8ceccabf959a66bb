"""Fixtures: the application on a fresh database, and people at their browsers."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from invoicing.app import make_app
from invoicing.migrating import migrate
from invoicing.runtime import RUNTIME, Runtime
from invoicing.settings import Settings
from tests.people import Caller, Someone


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, copied for each test: making it would take most of the time."""
    path = tmp_path_factory.mktemp("empty") / "books.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def settings(tmp_path: Path, empty: Path) -> Settings:
    shutil.copyfile(empty, tmp_path / "books.db")
    return Settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/books.db", secret="for tests", argon2_cost=(1, 8, 1))


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[TestServer]:
    server = TestServer(make_app(settings))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
def runtime(server: TestServer) -> Runtime:
    return server.app[RUNTIME]


@pytest.fixture
async def visitor(server: TestServer) -> AsyncIterator[Someone]:
    """Somebody without an account."""
    async with Someone(server) as someone:
        yield someone


@pytest.fixture
async def ada(server: TestServer) -> AsyncIterator[Someone]:
    """The owner of a firm with one client."""
    async with Someone(server) as someone:
        await someone.sign_up("Analytical Engines", "Ada", "ada@example.com")
        yield someone


@pytest.fixture
async def grace(server: TestServer) -> AsyncIterator[Someone]:
    """The owner of another firm."""
    async with Someone(server) as someone:
        await someone.sign_up("Compilers", "Grace", "grace@example.com")
        yield someone


@pytest.fixture
async def program(ada: Someone) -> Caller:
    """Ada's own program."""
    return Caller(ada, await ada.make_token())
