"""Reading the catalog's files, with errors that name the file, the key and what it may be."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

CATALOG = Path(__file__).resolve().parent
_Read = TypeVar("_Read", bound=BaseModel)


class CatalogError(Exception):
    """The catalog contradicts itself or the product; the text names the place and what to do."""


class Described(BaseModel):
    """A TOML file of the catalog, or a table of one: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_toml(file: Path, model: type[_Read]) -> _Read:
    """One file, checked. `CatalogError` lists each key that is wrong."""
    where = file.relative_to(CATALOG) if file.is_relative_to(CATALOG) else file
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{where}: not TOML: {error}") from error
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors()]
        raise CatalogError(f"{where}: " + "; ".join(wrong)) from error


def chosen(kind: str, name: str, known: Iterable[str], product: str) -> CatalogError:
    """The error for a name that is not there."""
    return CatalogError(f"no {kind} {name!r} for {product}; there are: {', '.join(known) or 'none'}")
