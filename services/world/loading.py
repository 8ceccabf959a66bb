"""Scenarios from TOML. A wrong field is told with file, key, what is wrong and what would be right."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from bus.scenario import Scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
"""Where the named scenarios stand."""


class ScenarioError(ValueError):
    """A scenario that cannot be used; the text is one line for people."""


def scenario_names(folder: Path = SCENARIOS) -> list[str]:
    """The scenarios that come with the project, by name."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def overrides_of(settings: Sequence[str]) -> dict[str, Any]:
    """What `world.days=2` and the like set otherwise, as `load_scenario` takes it. `ScenarioError` for what cannot be read."""
    found: dict[str, Any] = {}
    for setting in settings:
        key, is_one, value = setting.partition("=")
        if not is_one or "\n" in setting or not re.fullmatch(r"\w+(\.\w+)+", key):
            raise ScenarioError(f"{setting!r} is no setting; say section.key=value, as in world.days=2")
        try:
            _merge(found, tomllib.loads(f"{key} = {value}"))
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(f"{setting!r}: the value is not TOML (a text stands in quotes): {error}") from error
    return found


def _merge(into: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Set fields in tables and in tables of tables."""
    for name, value in fields.items():
        there = into.get(name)
        if isinstance(there, dict) and isinstance(value, dict):
            _merge(cast("dict[str, Any]", there), cast("dict[str, Any]", value))
        else:
            into[name] = value


def load_scenario(name: str, *, overrides: Mapping[str, Any] | None = None, folder: Path = SCENARIOS) -> Scenario:
    """A scenario by name, or by the path of a TOML file, with some fields set otherwise (`{"world": {"days": 2}}`).

    `ScenarioError` if there is none of that name (listing those there are), or if a field is wrong.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        choices = ", ".join(scenario_names(folder))
        raise ScenarioError(f"no scenario {name!r}; choose one of: {choices} (or the path of a .toml file)") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path.name}: not TOML: {error}") from error
    _merge(fields, overrides or {})
    try:
        return Scenario.model_validate(fields)
    except ValidationError as error:
        raise ScenarioError(f"{path.name}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    """The first thing that is wrong, with its key and what is allowed there."""
    first = error.errors()[0]
    location = first["loc"]
    key = ".".join(str(part) for part in location if str(part).replace("_", "a").isalnum())  # without kinds of a union
    allowed = _allowed(location)
    if first["type"] == "extra_forbidden":
        return f"{key}: unknown key; allowed here: {allowed}"
    return f"{key}: {first['msg']}, got {first['input']!r}" + (f"; allowed: {allowed}" if allowed else "")


def _allowed(location: tuple[int | str, ...]) -> str:
    """Sibling keys of an unknown key, or the values of a choice."""
    model: type[BaseModel] | None = Scenario
    for position, part in enumerate(location):
        if model is None or part not in model.model_fields:
            return ", ".join(sorted(model.model_fields)) if model is not None else ""
        annotation = model.model_fields[str(part)].annotation
        if get_origin(annotation) is Literal and position == len(location) - 1:
            return ", ".join(str(value) for value in get_args(annotation))
        model = _model_in(annotation)
    return ""


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in cast("tuple[object, ...]", get_args(annotation)):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return None
    return None
