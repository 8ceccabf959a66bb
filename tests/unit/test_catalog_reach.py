"""Which visible tests a change can reach."""

from pathlib import Path

import pytest

from concern.catalog.differences import difference, files_of
from concern.catalog.reach import Reach, shared
from concern.catalog.tracing import EVERYWHERE

MODULE = '''"""A module."""
from functools import cache
def first(x):
    return x
async def second(x):
    return a.b(x)
@cache
def kept():
    return first(2)
class Thing:
    def grow(self):
        self.size += 1
'''
ROUTE = "@pages.get('/')\ndef show():\n    return 1\n"


def tree(folder: Path, **files: str) -> Path:
    texts = {
        "tracker/m.py": MODULE,
        "tracker/templates/a.html": "a",
        "tests/test_m.py": "def test(): ...",
        "tests/test_start.py": "Path(__file__).read_text()",
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


def selected(reach: Reach, good: Path, planted: Path, *, in_company: bool = False) -> tuple[str, ...] | None:
    return reach.tests(good, difference(files_of(good), files_of(planted)), in_company=in_company)


def reached(folder: Path, changed: dict[str, str]) -> tuple[str, ...] | None:
    return selected(CALLS, tree(folder / "good"), tree(folder / "planted", **changed))


def test_tests_that_call_it_are_run_and_those_that_go_their_own_ways(tmp_path: Path) -> None:
    grown = {"tracker/m.py": MODULE.replace("size += 1", "size += 2")}
    assert reached(tmp_path / "a", grown) == ("tests/test_m.py::one", "tests/test_start.py::three")
    drawn = {"tracker/templates/a.html": "b"}
    assert reached(tmp_path / "b", drawn) == ("tests/test_m.py::two", "tests/test_start.py::three")


@pytest.mark.parametrize(
    "changed",
    [
        {"tracker/m.py": MODULE.replace("a.b(x)", "a.c(x)")},  # many tests share what calls it
        {"tracker/m.py": MODULE.replace("return x", "return -x")},  # a kept result is made of it
        {"tests/test_m.py": "def test(): assert False"},
        {},  # a difference that nobody sees is a mistake
    ],
)
@pytest.mark.parametrize("in_company", [False, True])
def test_all_tests_are_run_for_whatever_is_not_plain(tmp_path: Path, changed: dict[str, str], in_company: bool) -> None:
    good, planted = tree(tmp_path / "good"), tree(tmp_path / "planted", **changed)
    assert selected(CALLS, good, planted, in_company=in_company) is None


@pytest.mark.parametrize(
    "added",
    [
        {"migrations/versions/9.py": "revision = 9"},
        {"tracker/web/new.py": ROUTE},
        {"tracker/m.py": MODULE + ROUTE},
    ],
)
def test_what_adds_something_reaches_all_tests_unless_it_has_met_them_in_company(
    tmp_path: Path, added: dict[str, str]
) -> None:
    good = tree(tmp_path / "good")
    grown = tree(
        tmp_path / "new",
        **{"tracker/templates/a.html": "b", "tests/test_new.py": "def test(): ...", **added},
    )
    assert selected(CALLS, good, grown) is None
    alone = ("tests/test_m.py::two", "tests/test_start.py::three", "tests/test_new.py")
    assert selected(CALLS, good, grown, in_company=True) == alone


def test_a_template_that_only_says_more_has_met_its_tests_in_company(tmp_path: Path) -> None:
    good = tree(tmp_path / "good")
    more = {"tracker/templates/a.html": "before\na\nafter"}
    grown = tree(tmp_path / "new", **more)
    assert selected(CALLS, good, grown) == ("tests/test_m.py::two", "tests/test_start.py::three")
    assert selected(CALLS, good, grown, in_company=True) == ("tests/test_start.py::three",)
    unread = Reach({test: calls for test, calls in CALLS.calls.items() if "start" not in test})
    assert selected(unread, good, grown, in_company=True) == ()
    assert selected(unread, good, tree(tmp_path / "other", **{"tracker/templates/a.html": "b"}), in_company=True) != ()


def test_files_that_a_test_names_matter_to_it(tmp_path: Path) -> None:
    good = tree(tmp_path / "good", **{"tests/test_m.py": "open('infra.toml')"})
    counted = tree(tmp_path / "new", **{"tests/test_m.py": "open('infra.toml')", "deploy/infra.toml": "count = 2"})
    assert selected(CALLS, good, counted) == tuple(test for test in CALLS.calls if test != EVERYWHERE)


def test_a_function_that_no_test_calls_is_not_plain(tmp_path: Path) -> None:
    unheard = Reach({EVERYWHERE: frozenset(), "tests/test_m.py::one": frozenset({"tracker/m.py:first"})})
    grown = tree(tmp_path / "new", **{"tracker/m.py": MODULE.replace("size += 1", "size += 2")})
    assert selected(unheard, tree(tmp_path / "good"), grown) is None


def test_only_tests_that_two_changes_reach_can_end_otherwise_when_both_are_made() -> None:
    every = ("a", "b", "c")
    assert shared(every, [("a",), ("a", "b"), ("c",)]) == ("a",)
    assert shared(every, [None, ("b",)]) == ("b",)
    assert shared(every, [None, None]) == every
    assert shared(every, [None]) == shared(every, []) == ()
