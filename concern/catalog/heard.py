"""Which checks a change can reach: those for which the product calls what was changed.

Each check walks once on the good product while that is listened to, in an instance of its own, with all that starts, with its
jobs and with what the check measures. A product in which nothing of that has changed does for this check what the good one
does, so nothing is found on it that is not found there.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import anyio

from bus.chance import Chance
from catalog.checking import Profile, Scene
from catalog.checking.verdict import judged
from catalog.products import Product
from catalog.proofs import accounts_for, check_for, source_digest
from concern.catalog.cells import SHORT
from concern.catalog.children import listener
from concern.catalog.differences import Difference
from concern.catalog.profiles import MeasuredProfiles
from concern.catalog.trees import Layer, Recipe
from concern.catalog.workshop import Built, Workshop, workshop
from concern.history import cache_directory

_DEPLOYED = "deploy/"
"""How the platform runs the product: no name that is called tells of it."""
_MODULE = listener.__name__.rpartition(".")[2]


@dataclass(frozen=True)
class Heard:
    """What the product calls for each check, by the defect's name; None if that says too little: the check was not safe."""

    calls: Mapping[str, frozenset[str] | None]

    def untouched(
        self, found: Difference | None, checks: Iterable[str], *, own: str | None, met: Collection[str]
    ) -> frozenset[str]:
        """Those of these checks that find on the changed product what they find on the good one.

        `own`: the check of the defect that was planted; if it does not hear of the change, there is more to it than calls
        tell, and nothing is left out. `met`: checks that all that was added has met in company with other additions.
        """
        if found is None or found == Difference() or any(name.startswith(_DEPLOYED) for name in found.read):
            return frozenset()
        if own is not None and not (self.calls.get(own) or frozenset[str]()) & found.changed:
            return frozenset()
        return frozenset(name for name in checks if name != own and self._untouched(found, name, name in met))

    def _untouched(self, found: Difference, check: str, met: bool) -> bool:
        calls = self.calls.get(check)
        if calls is None or (found.added and not met):
            return False
        return not calls & (found.changed - found.grown if met else found.changed)


async def heard_of(product: Product, checks: Sequence[str], seed: Chance, *, jobs: int) -> Heard:
    """Listen to these checks, `jobs` at a time; what was heard is kept by content of product, check and listener."""
    kept = {name: _kept(product, name) for name in checks}
    missing = [name for name, file in kept.items() if not file.exists()]
    left = iter(missing)

    async def work() -> None:
        with tempfile.TemporaryDirectory(prefix="catalog-heard-") as folder:
            async with workshop(product, Path(folder) / "work", _FreshProfiles(product, Path(folder))) as place:
                built = _listening(place.build(Recipe(product, "listened to", (_layer(),))))
                for name in left:
                    calls = await _calls(place, built, name, seed)
                    part = kept[name].with_suffix(f".{os.getpid()}.part")
                    part.write_text(json.dumps(calls), encoding="utf-8")
                    part.rename(kept[name])

    async with anyio.create_task_group() as group:
        for _ in range(min(jobs, len(missing))):
            group.start_soon(work)
    found = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in kept.items()}
    return Heard({name: None if calls is None else frozenset(calls) for name, calls in found.items()})


def hearing(recipe: Recipe, check: str) -> str:
    """Under which it is noted that a check hears of this product's change: equal content, equal answer."""
    made_of = f"{recipe.digest}/{source_digest(recipe.product.name, 'checks', check)}/{_listener_digest()}/hears"
    return hashlib.sha256(made_of.encode()).hexdigest()[:SHORT]


class _FreshProfiles:
    """Measures again for each check, and nothing else than what is listened to."""

    def __init__(self, product: Product, folder: Path) -> None:
        self._product = product
        self._folder = folder

    async def profile(self, workshop: Workshop, built: Built) -> Profile:
        """As `MeasuredProfiles`, of the product against itself."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            profiles = MeasuredProfiles(self._product, Path(folder) / "market", Path(folder) / "demand", built)
            try:
                return await profiles.profile(workshop, built)
            finally:
                profiles.close()


async def _calls(place: Workshop, built: Built, check: str, seed: Chance) -> list[str] | None:
    """What the product calls for a check, sorted; None if the check is not safe."""
    product = built.recipe.product.name
    logs = place.driver.layout.log
    for file in logs.iterdir():
        file.unlink()
    async with place.serving(built) as site:
        scene = Scene.fresh(site, accounts_for(product), seed.python("check", check))
        verdict = await judged(check_for(product, check), scene)
        lines = [line for file in logs.iterdir() for line in file.read_bytes().splitlines()]
    mark = listener.MARK.encode()
    names = {_name(line.removeprefix(mark).decode()) for line in lines if line.startswith(mark)}
    return sorted(names) if verdict.outcome == "safe" else None


def _name(line: str) -> str:
    file, _, function = line.partition("\t")
    return f"{file}:{function.partition('.<locals>')[0]}" if file.endswith(".py") else file


def _listening(built: Built) -> Built:
    """As `built`, with every process run by the listener."""
    infra = built.infra
    assert infra.app.command is not None
    app = infra.app.model_copy(update={"command": _heard_command(infra.app.command), "entry": None})
    jobs = [job.model_copy(update={"command": _heard_command(job.command)}) for job in infra.job]
    return replace(built, infra=infra.model_copy(update={"app": app, "job": jobs}))


def _heard_command(command: Sequence[str]) -> tuple[str, ...]:
    python, dash_m, *rest = command
    return (python, dash_m, _MODULE, *rest)


def _layer() -> Layer:
    lines = Path(listener.__file__).read_text(encoding="utf-8").splitlines()
    head = f"--- /dev/null\n+++ b/{_MODULE}.py\n@@ -0,0 +1,{len(lines)} @@\n"
    return Layer("listener", head + "".join(f"+{line}\n" for line in lines))


def _kept(product: Product, check: str) -> Path:
    folder = cache_directory() / "heard"
    folder.mkdir(exist_ok=True)
    made_of = f"{Recipe(product, '').digest}/{source_digest(product.name, 'checks', check)}/{_listener_digest()}"
    return folder / f"{product.name}-{check}-{hashlib.sha256(made_of.encode()).hexdigest()[:24]}.json"


@cache
def _listener_digest() -> str:
    return hashlib.sha256(Path(listener.__file__).read_bytes()).hexdigest()
