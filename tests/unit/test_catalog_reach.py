"""Which visible tests a change can reach."""

from pathlib import Path

import pytest

from concern.catalog.reach import Reach, changed_functions, changes
from concern.catalog.tracing import EVERYWHERE

MODULE = '''"""A module."""
from functools import cache
from tracker import a
from tracker import unused
LIMIT = 3
def first(x):
    def inner():
        return x
    return inner()
async def second(x: int = 1):
    return a.b(x)
@cache
def kept():
    return first(2)
class Thing:
    size: int = 0
    def grow(self):
        self.size += 1
'''


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("return x", "return x + 1", {"first"}),
        ("return a.b(x)", "return a.b(x, x)", {"second"}),
        ("self.size += 1", "self.size += LIMIT", {"Thing.grow"}),
        ("from tracker import a\n", "from tracker import a, c\nimport json\n", set[str]()),
        ("class Thing", "def helper():\n    return 1\nclass Thing", set[str]()),
        ('"""A module."""', '"""The module."""', None),
        ("LIMIT = 3", "LIMIT = 4", None),
        ("x: int = 1", "x: int = 2", None),
        ("size: int = 0", "size: int = 1", None),
        ("from tracker import a\n", "from tracker import c as a\n", None),
        ("from tracker import a\n", "", None),
        ("from tracker import unused\n", "", set[str]()),
        ("from tracker import a\n", "from tracker import a\nfrom other import int\n", None),
        ("@cache\ndef kept", "def kept", None),
        ("class Thing", "@a.route\ndef helper():\n    return 1\nclass Thing", None),
        ("    def grow", "    def __eq__(self, other):\n        return True\n    def grow", None),
        ("async def second(x: int = 1):\n    return a.b(x)\n", "", None),
    ],
)
def test_functions_that_a_change_is_in(old: str, new: str, found: set[str] | None) -> None:
    assert old in MODULE
    assert changed_functions(MODULE, MODULE.replace(old, new, 1)) == found


def tree(folder: Path, **files: str) -> Path:
    texts = {
        "tracker/m.py": MODULE,
        "tracker/templates/a.html": "a",
        "tests/test_m.py": "def test(): ...",
        "tests/test_start.py": "import subprocess",
        "deploy/infra.toml": "count = 1",
        **{name.replace("__", "/"): text for name, text in files.items()},
    }
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


CALLS = Reach(
    {
        EVERYWHERE: frozenset({"tracker/m.py:second"}),
        "tests/test_m.py::one": frozenset({"tracker/m.py:Thing.grow", "tracker/m.py:first"}),
        "tests/test_m.py::two": frozenset({"tracker/templates/a.html"}),
        "tests/test_start.py::three": frozenset[str](),
    }
)


def reached(folder: Path, changed: dict[str, str]) -> tuple[str, ...] | None:
    return CALLS.tests(tree(folder / "good"), tree(folder / "planted", **changed))


def test_tests_that_call_it_are_run_and_those_that_go_their_own_ways(tmp_path: Path) -> None:
    grown = {"tracker/m.py": MODULE.replace("size += 1", "size += 2")}
    assert reached(tmp_path / "a", grown) == ("tests/test_m.py::one", "tests/test_start.py::three")
    drawn = {"tracker/templates/a.html": "b"}
    assert reached(tmp_path / "b", drawn) == ("tests/test_m.py::two", "tests/test_start.py::three")


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"tracker/m.py": MODULE.replace("a.b(x)", "a.c(x)")},  # many tests share what calls it
        {"tracker/m.py": MODULE.replace("return x", "return -x")},  # a kept result is made of it
        {"deploy/infra.toml": "count = 2"},
        {"tests/test_m.py": "def test(): assert False"},
        {"migrations/versions/9.py": "revision = 9"},
        {"tracker/new.py": "x = 1"},
        {"tracker/templates/b.html": "b"},
    ],
)
def test_all_tests_are_run_for_whatever_is_not_plain(tmp_path: Path, changed: dict[str, str]) -> None:
    assert reached(tmp_path, changed) is None


def test_a_function_that_no_test_calls_is_not_plain(tmp_path: Path) -> None:
    assert changes(tree(tmp_path / "a"), tree(tmp_path / "b")) == set()
    unheard = Reach({EVERYWHERE: frozenset(), "tests/test_m.py::one": frozenset({"tracker/m.py:first"})})
    planted = tree(tmp_path / "c", **{"tracker/m.py": MODULE.replace("size += 1", "size += 2")})
    assert unheard.tests(tmp_path / "a", planted) is None
