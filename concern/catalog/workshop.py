"""One warm sandbox in which products of the catalog are served one after another, each on data of its own."""

import hashlib
import itertools
import os
import py_compile
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from agents.web.wire import Door
from catalog.checking import JobEnd, Letter, Profile
from catalog.products import Product
from concern.catalog.doors import DirectDoor
from concern.catalog.mail import letters_in
from concern.catalog.trees import Recipe
from concern.history import cache_directory
from services.cloud import release as releases
from services.cloud.errors import ProductError
from services.cloud.infra import INFRA_PATH, Infra, parse
from services.cloud.layout import Layout
from services.cloud.process import DATABASE, ProcessDriver, ProcessInstance, process_driver
from services.sandbox.spec import Isolation

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""When every scene begins, a Monday."""
GRACE_SECONDS = 5.0
SECRET = "catalog-secret-that-signs-nothing-real"  # noqa: S105 (of throw-away instances)


class Profiler(Protocol):
    """Finds out what a product costs to serve."""

    async def profile(self, workshop: "Workshop", built: "Built") -> Profile: ...


@dataclass(frozen=True)
class Built:
    """A product made and ready to start."""

    recipe: Recipe
    release: str
    infra: Infra
    """With the environment of `[checking]` in it."""


class Workshop:
    """Builds and serves. Made by `workshop`."""

    def __init__(self, driver: ProcessDriver, product: Product, profiler: Profiler) -> None:
        self.driver = driver
        self.product = product
        self.profiler = profiler
        self._numbers = itertools.count(1)
        self._good: Path | None = None

    def build(self, recipe: Recipe) -> Built:
        """Make the tree a release, compiled. `CatalogError` if a patch does not apply."""
        with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
            tree = Path(folder) / "tree"
            recipe.make(tree)
            made = releases.from_folder(tree, self.driver.layout.releases)
        self._compile(made.folder)
        infra = self._infra(made.id)
        env = infra.app.env | recipe.product.checking.env
        return Built(recipe, made.id, infra.model_copy(update={"app": infra.app.model_copy(update={"env": env})}))

    def deployed(self, built: Built) -> Built:
        """The same with the environment of its deploy/infra.toml alone: as dear as in a world, not as quick as for checks."""
        return replace(built, infra=self._infra(built.release))

    def _infra(self, release: str) -> Infra:
        return parse((self.driver.layout.releases / release / INFRA_PATH).read_bytes())

    @asynccontextmanager
    async def serving(self, built: Built, data: Path | None = None) -> AsyncGenerator["ServedSite"]:
        """The product on an empty database, or on a copy of `data` (closed, of its schema), at the scenes' beginning.

        `ProductError` if it does not start.
        """
        place = f"p{next(self._numbers)}"
        folder = self.driver.layout.data / place
        folder.mkdir()
        self.driver.set_clock(START)
        shutil.copyfile(data or await self._empty(built), folder / DATABASE)
        self.driver.hand_over(folder)
        site = ServedSite(self, built, place)
        try:
            await site.start()
            yield site
        finally:
            await site.stop()
            shutil.rmtree(folder)

    async def _empty(self, built: Built) -> Path:
        """An empty database of this product's schema, kept by content."""
        tree = self.driver.layout.releases / built.release
        total = hashlib.sha256()
        for pattern in self.product.checking.schema_files:
            for file in sorted(tree.glob(pattern)):
                total.update(str(file.relative_to(tree)).encode() + b"\0" + file.read_bytes())
        kept = cache_directory() / "empty" / f"{self.product.name}-{total.hexdigest()[:24]}.db"
        if kept.exists():
            return kept
        kept.parent.mkdir(exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}.part")
        await self.migrate(built, part)
        part.rename(kept)
        return kept

    async def migrate(self, built: Built, target: Path, data: Path | None = None) -> None:
        """Write a database of this product's schema: an empty one, or `data` with all that is in it. `ProductError`."""
        place = f"m{next(self._numbers)}"
        folder = self.driver.layout.data / place
        folder.mkdir()
        if data is not None:
            shutil.copyfile(data, folder / DATABASE)
        self.driver.hand_over(folder)
        assert built.infra.migrate.command is not None
        command = built.infra.migrate.command
        ended = await self.driver.run(place, built.release, command, built.infra.app, place=place)
        if ended.code != 0:
            raise ProductError("migrate", ended.detail)
        shutil.copyfile(folder / DATABASE, target)
        shutil.rmtree(folder)

    def _compile(self, folder: Path) -> None:
        """Byte-compile; what the good release has in common with this one is compiled already."""
        for file in folder.rglob("*.py"):
            target = Path(_compiled(str(file)))
            if target.exists():
                continue
            twin = self._good / file.relative_to(folder) if self._good is not None else None
            if twin is not None and twin.exists() and twin.read_bytes() == file.read_bytes():
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(_compiled(str(twin)), target)
            else:
                py_compile.compile(str(file), quiet=1)
        self._good = self._good or folder


@cache
def _compiled(file: str) -> str:
    import importlib.util

    return importlib.util.cache_from_source(file)


@dataclass
class ServedSite:
    """A running product, as `catalog.checking.Site` wants it."""

    workshop: Workshop
    built: Built
    place: str
    host: str = ""
    now: datetime = START
    _instances: list[ProcessInstance] = field(default_factory=list[ProcessInstance])
    _doors: list[DirectDoor] = field(default_factory=list[DirectDoor])
    _names: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.host = self.workshop.product.checking.host

    @property
    def folder(self) -> Path:
        """Where its data are."""
        return self.workshop.driver.layout.data / self.place

    async def start(self) -> None:
        """Start the first instance."""
        self._doors.append(DirectDoor())
        await self._start(0)

    def door(self) -> Door:
        return self._doors[0]

    async def second_door(self) -> Door:
        if len(self._doors) == 1:
            self._doors.append(DirectDoor())
            await self._start(1)
        return self._doors[1]

    @contextmanager
    def admitting(self) -> Generator[None]:
        yield

    def set_clock(self, moment: datetime) -> None:
        self.now = max(self.now, moment)
        self.workshop.driver.set_clock(self.now)

    async def run_job(self, name: str) -> JobEnd:
        for job in self.built.infra.job:
            if job.name == name:
                unique = f"{self.place}-{name}-{next(self._names)}"
                run = self.workshop.driver.run
                ended = await run(unique, self.built.release, job.command, self.built.infra.app, place=self.place)
                return JobEnd(ended.code, ended.detail)
        raise LookupError(f"{INFRA_PATH} has no job {name!r}; it has: {[job.name for job in self.built.infra.job]}")

    async def restart(self) -> None:
        count = len(self._instances)
        await self.stop()
        for index in range(count):
            await self._start(index)

    def letters(self) -> Sequence[Letter]:
        mail = self.workshop.product.checking.mail
        return letters_in(self.folder / mail) if mail else []

    async def profile(self) -> Profile:
        return await self.workshop.profiler.profile(self.workshop, self.built)

    def cpu_ns(self) -> int:
        return self._instances[0].cpu_ns()

    def pin(self, processor: int) -> None:
        """Let the first instance run on this processor only."""
        self._instances[0].pin(processor)

    async def stop(self) -> None:
        """Stop all instances, politely."""
        for door in self._doors:
            await door.close()
        while self._instances:
            await self._instances.pop().stop(grace_s=GRACE_SECONDS)

    async def _start(self, index: int) -> None:
        infra = self.built.infra
        name = f"{self.place}-i{next(self._names)}"
        start = self.workshop.driver.start
        instance = await start(name, self.built.release, infra.app, infra.health, place=self.place)
        self._instances.append(instance)
        self._doors[index].socket = Path(instance.address)


@asynccontextmanager
async def workshop(
    product: Product, root: Path, profiler: Profiler, isolation: Isolation = Isolation.FULL
) -> AsyncGenerator[Workshop]:
    """A workshop in a new folder. `SandboxError` if the sandbox does not start."""
    (root / "workspace").mkdir(parents=True)
    async with process_driver(Layout(root, root / "workspace"), isolation, START, SECRET) as driver:
        yield Workshop(driver, product, profiler)
