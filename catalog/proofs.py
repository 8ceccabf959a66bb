"""Finding the code that proves an entry of the catalog: checks, acceptance journeys and a product's accounts, by name."""

import hashlib
import importlib
import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from catalog.checking.protocols import Accounts, Customer
from catalog.checking.scene import Scene
from catalog.checking.verdict import Verdict
from catalog.reading import CATALOG, CatalogError

Check = Callable[[Scene], Awaitable[Verdict]]
Accept = Callable[[Customer], Awaitable[None]]


def check_for(product: str, defect: str) -> Check:
    """The check of a defect: `async def check(scene: Scene) -> Verdict` in `checks/<name_with_underscores>.py`."""
    return _function(product, "checks", defect, "check")


def acceptance_for(product: str, request: str) -> Accept:
    """The journey that tells whether a request is met: `async def accept(scene: Customer) -> None`."""
    return _function(product, "acceptance", request, "accept")


def accounts_for(product: str) -> Accounts:
    """How people get into a product."""
    try:
        return importlib.import_module(f"catalog.{product}.accounts").accounts
    except (ModuleNotFoundError, AttributeError) as error:
        raise CatalogError(
            f"catalog/{product}/accounts.py must define `accounts` (catalog.checking.Accounts)"
        ) from error


def source_of(product: str, folder: str, name: str) -> Path:
    """The file of a check or an acceptance journey."""
    return CATALOG / product / folder / f"{name.replace('-', '_')}.py"


@cache
def source_digest(product: str, folder: str, name: str) -> str:
    """SHA-256 of a check's own source and of all that checks of this product are made of, as this process found them."""
    own = source_of(product, folder, name).read_bytes()
    return hashlib.sha256(own + _shared_digests(product)).hexdigest()


@cache
def _shared_digests(product: str) -> bytes:
    shared = [*(CATALOG / "checking").glob("*.py"), *(CATALOG / product).glob("*.py")]
    shared += (CATALOG.parent / "agents" / "web").glob("*.py")
    return b"".join(hashlib.sha256(file.read_bytes()).digest() for file in sorted(shared))


def _function(product: str, folder: str, name: str, function: str) -> Any:
    file = source_of(product, folder, name)
    where = file.relative_to(CATALOG.parent)
    if not file.exists():
        raise CatalogError(f"{name}: there is no {where}; write `async def {function}(scene)` there")
    module: ModuleType = importlib.import_module(f"catalog.{product}.{folder}.{file.stem}")
    found = getattr(module, function, None)
    if not inspect.iscoroutinefunction(found):
        raise CatalogError(f"{where}: it must define `async def {function}(scene)`")
    return found
