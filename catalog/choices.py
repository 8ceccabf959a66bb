"""Choices of the hosting that all work, each right somewhere: alternatives of `deploy/infra.toml`.

A choice is a folder `catalog/<product>/choices/<name>/` with `choice.toml` and `<option>.toml` files. An option changes
some keys of the product's own file; the rest stays. See docs/catalog.md.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from catalog.reading import CATALOG, CatalogError, Described, chosen, read_toml

Table = dict[str, Any]
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


class ChoiceFile(Described):
    """`choice.toml`."""

    title: str
    """The question, as an owner would put it."""
    measure: str
    """What tells the options apart, in money or in what users feel."""
    source: str
    """Who argues about it, or where it is described."""


class OptionFile(Described):
    """`<option>.toml`."""

    title: str
    right_where: str
    """The context in which this option is the best one."""
    wrong_where: str
    """The context in which it costs."""
    infra: Annotated[dict[str, Any], Field(min_length=1)]
    """Keys of `deploy/infra.toml` that it sets. Tables are merged; `job` entries by their names."""


@dataclass(frozen=True)
class Option:
    """One way to decide."""

    choice: str
    name: str
    about: OptionFile = field(repr=False)

    @property
    def full_name(self) -> str:
        """`choice/option`."""
        return f"{self.choice}/{self.name}"

    def infra(self, own: str) -> str:
        """The product's `deploy/infra.toml`, decided this way, as text (without its comments)."""
        return written(merged(tomllib.loads(own), self.about.infra))


@dataclass(frozen=True)
class Choice:
    """A question of hosting with its options."""

    name: str
    about: ChoiceFile
    options: tuple[Option, ...]

    def option(self, name: str) -> Option:
        """An option by name. `CatalogError` lists those there are."""
        for option in self.options:
            if option.name == name:
                return option
        raise chosen("option", name, [option.name for option in self.options], self.name)


def load_choices(product: str) -> dict[str, Choice]:
    """All choices of a product by name. `CatalogError` names a broken one."""
    files = sorted((CATALOG / product / "choices").glob("*/choice.toml"))
    return {file.parent.name: _load(file) for file in files}


def hosting_named(product: str, name: str, own: str) -> str | None:
    """The product's `deploy/infra.toml` (whose text is `own`) as the option `choice/option` decides it; None if there is none."""
    question, _, option = name.partition("/")
    choice = load_choices(product).get(question)
    if choice is None or option not in {one.name for one in choice.options}:
        return None
    return choice.option(option).infra(own)


def _load(file: Path) -> Choice:
    name = file.parent.name
    others = [other for other in sorted(file.parent.glob("*.toml")) if other != file]
    if len(others) < 2:
        raise CatalogError(f"{name}: a choice needs two options or more, as <option>.toml beside choice.toml")
    options = tuple(Option(name, other.stem, read_toml(other, OptionFile)) for other in others)
    return Choice(name, read_toml(file, ChoiceFile), options)


def merged(own: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """`own` with the changed keys; tables go together, lists of tables with a `name` entry by entry."""
    result = dict(own)
    for key, value in change.items():
        before = result.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            result[key] = merged(cast("Table", before), cast("Table", value))
        elif _is_tables(value) and _is_tables(before):
            by_name: dict[str, Table] = {entry["name"]: entry for entry in cast("list[Table]", before)}
            for entry in cast("list[Table]", value):
                by_name[entry["name"]] = merged(by_name.get(entry["name"], {}), entry)
            result[key] = list(by_name.values())
        else:
            result[key] = value
    return result


def _is_tables(value: Any) -> bool:
    entries = cast("list[Any]", value) if isinstance(value, list) else []
    return bool(entries) and all(isinstance(one, dict) for one in entries)


def written(values: Mapping[str, Any]) -> str:
    """TOML of tables, lists of tables and plain values."""
    return "\n".join(_table("", values)).strip() + "\n"


def _table(path: str, values: Mapping[str, Any]) -> list[str]:
    lines = [f"{_key(name)} = {_value(value)}" for name, value in values.items() if not _nested(value)]
    for name, value in values.items():
        full = f"{path}.{_key(name)}" if path else _key(name)
        if isinstance(value, dict):
            lines += ["", f"[{full}]", *_table(full, cast("Table", value))]
        elif _is_tables(value):
            for entry in value:
                lines += ["", f"[[{full}]]", *_table(full, entry)]
    return lines


def _nested(value: Any) -> bool:
    return isinstance(value, dict) or _is_tables(value)


def _key(name: str) -> str:
    return name if _BARE.match(name) else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in cast("list[Any]", value)) + "]"
    if isinstance(value, (int, float, str)):
        return json.dumps(value, ensure_ascii=False)
    raise CatalogError(f"{value!r} cannot be written as TOML here: use text, numbers, lists and tables")
