"""Which of a product's visible tests a change can reach: those that call a changed function or render a changed template.

A run of the visible tests is dear, and most patches change a few functions. A test that calls none of what was changed does
on the planted product what it does on the good one, where all tests are run. What adds something (a route, a column) or is
not plain reaches all tests; in company (see `company.py`) additions have met all tests already.
"""

import ast
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.products import Product
from catalog.reading import CATALOG, CatalogError
from concern.catalog import tracing
from concern.catalog.differences import Difference, Function, functions_of
from concern.catalog.tracing import EVERYWHERE
from concern.catalog.trees import Recipe
from concern.history import cache_directory

_KEPT = {"cache", "lru_cache", "cached_property"}
_LISTENERS = ("tracing", "sitecustomize")
_READS = ("read_text", "read_bytes")
"""A test file that knows where it lies and has one of these words may read the product's files: it is always run."""


@dataclass(frozen=True)
class Reach:
    """What each visible test calls, by the test's id, and what counts for all of them."""

    calls: Mapping[str, frozenset[str]]

    def tests(self, good: Path, found: Difference | None, *, in_company: bool = False) -> tuple[str, ...] | None:
        """Ids of the tests that this difference from the good tree can reach, and new files of tests; None for all.

        `in_company`: what the later tree adds has passed all tests together with additions of others.
        """
        if found is None or found == Difference() or (found.added and not in_company):
            return None
        changed = found.changed - found.grown if in_company else found.changed
        traced = {test: calls for test, calls in self.calls.items() if test != EVERYWHERE}
        done_once = any(name.replace(":", ".").rpartition(".")[2] in _kept_names(good) for name in changed)
        unheard = changed - set().union(*traced.values())
        if done_once or changed & self.calls[EVERYWHERE] or (unheard and not in_company):
            return None
        names = tuple(Path(file).name for file in found.read)
        always = {file for file in {test.partition("::")[0] for test in traced} if _reads(good / file, names)}
        reached = (test for test, calls in traced.items() if calls & changed or test.partition("::")[0] in always)
        chosen = (*reached, *sorted(found.tests))
        return chosen if chosen or in_company else None


def shared(every: Sequence[str], reached: Sequence[tuple[str, ...] | None]) -> tuple[str, ...]:
    """Of all tests those that at least two changes reach; None reaches all. The others meet one change only, as alone."""
    counts = Counter(test for each in reached for test in (every if each is None else each))
    return tuple(test for test in every if counts[test] > 1)


def _reads(file: Path, names: tuple[str, ...]) -> bool:
    text = file.read_text(encoding="utf-8")
    return any(name in text for name in names) or ("__file__" in text and any(word in text for word in _READS))


@cache
def _kept_names(tree: Path) -> frozenset[str]:
    """Names of functions whose results are kept, and of what these use: only the first test calls them."""
    names: set[str] = set()
    for file in tree.rglob("*.py"):
        for name, function in functions_of(ast.parse(file.read_bytes())):
            if _is_kept(function):
                used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                names |= {name.rpartition(".")[2]} | used
    return frozenset(names)


def _is_kept(function: Function) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in _KEPT for each in function.decorator_list for node in ast.walk(each)
    )


def reach_of(product: Product) -> Reach:
    """Found by a run of the good product's tests, kept by content."""
    good = Recipe(product, "the good product")
    listeners = sorted(Path(tracing.__file__).parent.glob("**/*.py"))
    heard_by = hashlib.sha256(b"".join(file.read_bytes() for file in listeners if file.stem in _LISTENERS)).hexdigest()
    kept = cache_directory() / "reach" / f"{product.name}-{good.digest[:24]}-{heard_by[:8]}.json"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}.part")
        with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
            good.make(Path(folder) / "tree")
            _trace(product, Path(folder) / "tree", part)
        part.rename(kept)
    found = json.loads(kept.read_text(encoding="utf-8"))
    return Reach({test: frozenset(calls) for test, calls in found.items()})


def _trace(product: Product, tree: Path, into: Path) -> None:
    _, *command = product.checking.tests
    plugin = ("-p", "concern.catalog.tracing", "-p", "no:cacheprovider", "--assert=plain")
    path = f"{CATALOG.parent}{os.pathsep}{Path(tracing.__file__).parent / 'children'}"
    with tempfile.TemporaryDirectory(prefix="catalog-calls-") as children:
        environment = {**os.environ, "PYTHONPATH": path, tracing.VARIABLE: str(into), tracing.CHILDREN: children}
        done = subprocess.run(
            [sys.executable, *command, *plugin], cwd=tree, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode or not into.exists():
        raise CatalogError(f"{product.name}: the good product's tests fail: {done.stdout[-600:]}{done.stderr[-200:]}")
