"""A pytest plugin for the good product's own tests: which of its functions and templates each test calls.

Loaded with `-p`, outside any sandbox, since the good product is ours. It writes JSON to the file that the environment names.
"""

import json
import os
import sys
import threading
from collections.abc import Generator, Iterable
from pathlib import Path
from types import CodeType, FrameType

import pytest

VARIABLE = "CONCERN_TRACE"
CHILDREN = "CONCERN_TRACE_CHILDREN"
"""Folder where the processes that tests start note what they call (`children/sitecustomize.py`)."""
EVERYWHERE = ""
"""What was called while tests were collected, or by fixtures that many of them share: it counts for all."""

_root = f"{Path.cwd()}/"
_called: dict[int, CodeType] = {}
"""By identity: code of equal text is equal, in whatever file it is."""
_found: dict[str, set[str]] = {EVERYWHERE: set()}


def _heard(frame: FrameType, event: str, _argument: object) -> None:
    if event == "call":
        _called[id(frame.f_code)] = frame.f_code


def _note(test: str) -> None:
    called = {(code.co_filename, code.co_qualname) for code in _called.copy().values()}
    for file in sorted(Path(os.environ[CHILDREN]).iterdir()):
        lines = file.read_text(encoding="utf-8").splitlines()
        called |= {(name, function) for name, _, function in (line.partition("\t") for line in lines)}
        file.unlink()
    _found.setdefault(test, set()).update(_names(called))
    _called.clear()


def _names(called: Iterable[tuple[str, str]]) -> Generator[str]:
    for path, function in called:
        if path.startswith(_root):
            file = path.removeprefix(_root)
            yield f"{file}:{function.partition('.<locals>')[0]}" if file.endswith(".py") else file


def pytest_configure() -> None:
    """Begin to listen, in this thread, in those to come, and in the processes that tests start."""
    threading.setprofile(_heard)
    sys.setprofile(_heard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test with its fixtures; what was called before the first one belongs to none."""
    _note(EVERYWHERE)
    result = yield
    _note(item.nodeid)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
    """What one test prepares for others as well is not its own."""
    shared = fixturedef.scope != "function"
    own = _called.copy()
    if shared:
        _called.clear()
    result = yield
    if shared:
        _note(EVERYWHERE)
        _called.update(own)
    return result


def pytest_sessionfinish() -> None:
    """Write what was found."""
    sys.setprofile(None)
    threading.setprofile(None)
    Path(os.environ[VARIABLE]).write_text(json.dumps({test: sorted(names) for test, names in _found.items()}))
