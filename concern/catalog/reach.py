"""Which of a product's visible tests a change can reach: those that call a changed function or render a changed template.

A run of the visible tests is dear, and most patches change one function. A test that calls none of what was changed does
on the planted product what it does on the good one, where all tests are run. Whatever is not a plain change of functions'
bodies (settings, models, migrations, routes, constants, what is done once and kept) reaches all tests.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.products import Product
from catalog.reading import CATALOG, CatalogError
from concern.catalog.tracing import EVERYWHERE, VARIABLE
from concern.catalog.trees import Recipe
from concern.history import cache_directory

Function = ast.FunctionDef | ast.AsyncFunctionDef
_IMPORTS = (ast.Import, ast.ImportFrom)
_KEPT = {"cache", "lru_cache", "cached_property"}
_BY_THEMSELVES = ("subprocess", "__file__")
"""Test files in which one of these words stands start processes or read the product's files: their tests are always run."""


@dataclass(frozen=True)
class Reach:
    """What each visible test calls, by the test's id, and what counts for all of them."""

    calls: Mapping[str, frozenset[str]]

    def tests(self, good: Path, planted: Path) -> tuple[str, ...] | None:
        """Ids of the tests that the difference of two trees can reach; None for all."""
        changed = changes(good, planted) or set()
        traced = {test: calls for test, calls in self.calls.items() if test != EVERYWHERE}
        done_once = {name for name in changed if name.replace(":", ".").rpartition(".")[2] in _kept_names(good)}
        if not changed or done_once or changed & self.calls[EVERYWHERE] or changed - set().union(*traced.values()):
            return None
        always = {file for file in {test.partition("::")[0] for test in traced} if _is_by_itself(good / file)}
        return tuple(test for test, calls in traced.items() if calls & changed or test.partition("::")[0] in always)


def _is_by_itself(file: Path) -> bool:
    text = file.read_text(encoding="utf-8")
    return any(word in text for word in _BY_THEMSELVES)


@cache
def _kept_names(tree: Path) -> frozenset[str]:
    """Names of functions whose results are kept, and of what these use: only the first test calls them."""
    names: set[str] = set()
    for file in tree.rglob("*.py"):
        for name, function in _functions(ast.parse(file.read_bytes())):
            if _is_kept(function):
                used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                names |= {name.rpartition(".")[2]} | used
    return frozenset(names)


def changes(good: Path, planted: Path) -> set[str] | None:
    """Functions (`file:qualified.name`) and templates that differ; None if more than that does."""
    before, after = _files(good), _files(planted)
    if before.keys() - after.keys():
        return None
    changed: set[str] = set()
    for name in after:
        old, new = before.get(name, b""), after[name]
        if old == new:
            continue
        if "/templates/" in name and old:
            changed.add(name)
            continue
        found = None
        if name.endswith(".py") and old and not name.startswith(("tests/", "migrations/")):
            found = changed_functions(old.decode(), new.decode())
        if found is None:
            return None
        changed |= {f"{name}:{function}" for function in found}
    return changed


def _files(tree: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(tree)): file.read_bytes()
        for file in tree.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def changed_functions(old: str, new: str) -> set[str] | None:
    """Functions of a module whose bodies differ; None if anything else does. New plain functions and imports are nothing."""
    before, after = ast.parse(old), ast.parse(new)
    bodies, later = dict(_functions(before)), dict(_functions(after))
    added = {name: found for name, found in later.items() if name not in bodies}
    if any("." in name or function.decorator_list for name, function in added.items()):
        return None
    after.body = [node for node in after.body if not (isinstance(node, Function) and node.name in added)]
    imported, later_imported = _imports(before), _imports(after)
    lost = {name for name, origin in imported.items() if later_imported.get(name) != origin}
    fresh = added.keys() | (later_imported.keys() - imported.keys())
    if lost & (_used(after) | later_imported.keys()) or fresh & _used(before):
        return None  # a name that means something else now
    changed = {name for name, function in bodies.items() if name in later and _body(function) != _body(later[name])}
    return None if _outline(before) != _outline(after) else changed


def _functions(module: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in module.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, Function))


def _imports(module: ast.Module) -> dict[str, str]:
    """Where each imported name of a module comes from."""
    return {
        alias.asname or alias.name: f"{getattr(node, 'module', '')}.{alias.name}"
        for node in module.body
        if isinstance(node, _IMPORTS)
        for alias in node.names
    }


def _used(module: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}


def _body(function: Function) -> str:
    return "".join(map(ast.dump, function.body))


def _is_kept(function: Function) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in _KEPT for each in function.decorator_list for node in ast.walk(each)
    )


def _outline(module: ast.Module) -> str:
    """The module without imports and without the functions' bodies."""
    for _, function in _functions(module):
        function.body = []
    return "".join(ast.dump(node) for node in module.body if not isinstance(node, _IMPORTS))


def reach_of(product: Product) -> Reach:
    """Found by a run of the good product's tests, kept by content."""
    good = Recipe(product, "the good product")
    kept = cache_directory() / "reach" / f"{product.name}-{good.digest[:24]}.json"
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
    environment = {**os.environ, "PYTHONPATH": str(CATALOG.parent), VARIABLE: str(into)}
    done = subprocess.run(
        [sys.executable, *command, *plugin], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode or not into.exists():
        raise CatalogError(f"{product.name}: the good product's tests fail: {done.stdout[-600:]}{done.stderr[-200:]}")
