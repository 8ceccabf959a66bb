"""Databases for tests: SQLite files, or databases of the Postgres that TRACKER_TEST_DATABASE_URL names."""

import asyncio
import os
import shutil
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tracker.migrating import migrate

_numbers = count(1)


class Databases(Protocol):
    """Makes databases. A migrated one is a copy: making each anew would take most of the time."""

    def empty(self, folder: Path) -> str:
        """Make an empty database and return its address."""
        ...

    def migrated(self, folder: Path) -> str:
        """Make a database with all tables and return its address."""
        ...

    def drop(self, url: str) -> None:
        """Take a database away."""
        ...


class SqliteFiles:
    """One file each, in the test's own folder."""

    def __init__(self, folder: Path) -> None:
        self._model = folder / "model.db"
        asyncio.run(migrate(f"sqlite+aiosqlite:///{self._model}"))

    def empty(self, folder: Path) -> str:
        return f"sqlite+aiosqlite:///{folder}/tracker.db"

    def migrated(self, folder: Path) -> str:
        shutil.copyfile(self._model, folder / "tracker.db")
        return self.empty(folder)

    def drop(self, url: str) -> None:
        """Nothing to do: pytest removes the folder."""


class Postgres:
    """Databases in one cluster, copied from a template that is made first."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._model = self._create("template0")
        asyncio.run(migrate(self._address(self._model)))

    def empty(self, folder: Path) -> str:
        return self._address(self._create("template0"))

    def migrated(self, folder: Path) -> str:
        return self._address(self._create(self._model))

    def drop(self, url: str) -> None:
        asyncio.run(self._say(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))

    def drop_model(self) -> None:
        """At the end, leave nothing."""
        self.drop(self._address(self._model))

    def _create(self, template: str) -> str:
        name = f"tracker_test_{os.getpid()}_{next(_numbers)}"  # several processes may share the cluster
        asyncio.run(self._say(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return name

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    async def _say(self, statement: str) -> None:
        engine = create_async_engine(self._url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(statement))
        await engine.dispose()
