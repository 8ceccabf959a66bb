"""What of a change can be told by names."""

import pytest

from concern.catalog.differences import Difference, difference, module_difference

MODULE = '''"""A module."""
from functools import cache
from tracker import a
from tracker import unused
LIMIT = 3
NAMES = ("one", "two")
TABLE = {"a": {"x": 1}}
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
class Row(Base):
    name: Mapped[str]
    __table_args__ = (Index("name"),)
    def label(self):
        return self.name
print(LIMIT)
'''
NOTHING = set[str]()


def told(old: str, new: str) -> Difference | None:
    assert old in MODULE
    return module_difference(MODULE, MODULE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("return x", "return x + 1", {"first"}),
        ("return a.b(x)", "return a.b(x, x)", {"second"}),
        ("x: int = 1", "x: int = 2", {"second"}),
        ("self.size += 1", "self.size += LIMIT", {"Thing.grow"}),
        ("return self.name", "return self.name[:3]", {"Row.label"}),
        ("from tracker import a\n", "from tracker import a, c\nimport json\n", NOTHING),
        ("class Thing", "def helper():\n    return 1\nclass Thing", NOTHING),
        ("class Thing", "@frozen\nclass Other:\n    x: int\nclass Thing", NOTHING),
        ("from tracker import unused\n", "", NOTHING),
        ('"""A module."""', '"""The module."""', NOTHING),
    ],
)
def test_functions_that_a_change_is_in(old: str, new: str, changed: set[str]) -> None:
    assert told(old, new) == Difference(changed=changed)


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        ("LIMIT = 3", "LIMIT = 4", {"LIMIT"}),
        ("from tracker import a\n", "from tracker import c as a\n", {"a"}),
        ("from tracker import a\n", "", {"a"}),
        ("from tracker import a\n", "from tracker import a\nfrom other import print\n", {"print"}),
        ("size: int = 0", "size: int = 1", {"Thing", "size"}),
        ("    size: int = 0\n", "    size: int = 0\n    age: int = 0\n", {"Thing"}),
        ("    def label", "    def full(self):\n        return 1\n    def label", {"full"}),
        ('"one", ', "", {"NAMES"}),
    ],
)
def test_names_that_mean_something_else_now(old: str, new: str, renamed: set[str]) -> None:
    assert told(old, new) == Difference(renamed=renamed)


@pytest.mark.parametrize(
    ("old", "new", "added"),
    [
        ("class Thing", "@a.route\ndef helper():\n    return 1\nclass Thing", {"helper"}),
        ("class Thing", "class Other(Base):\n    x: int\nclass Thing", {"Other"}),
        ("    name: Mapped[str]\n", "    name: Mapped[str]\n    age: Mapped[int]\n", {"Row.age"}),
        ('(Index("name"),)', '(Index("name"), Index("age"))', {"Row.__table_args__"}),
        ('("one", "two")', '("one", "other", "two")', {"NAMES"}),
        ('{"x": 1}}', '{"x": 1, "y": 2}}', {"TABLE"}),
    ],
)
def test_what_is_only_more_than_before(old: str, new: str, added: set[str]) -> None:
    assert told(old, new) == Difference(added=added)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(LIMIT)", "print(NAMES)"),
        ("@cache\ndef kept", "def kept"),
        ("class Row(Base)", "class Row(Other)"),
        ("name: Mapped[str]", "name: Mapped[int]"),
        ("    def grow", "    def __eq__(self, other):\n        return True\n    def grow"),
        ("LIMIT = 3", "LIMIT = 3\nLIMIT = 4"),
    ],
)
def test_nothing_can_be_said_of_the_rest(old: str, new: str) -> None:
    assert told(old, new) is None


def test_a_function_that_is_gone_has_changed_with_all_that_use_it() -> None:
    found = told("async def second(x: int = 1):\n    return a.b(x)\n", "")
    assert found == Difference(changed={"second"}, renamed={"second"})


BEFORE = {
    "tracker/limits.py": b"LIMIT = 3\nFEW = 2\n",
    "tracker/use.py": b"from tracker.limits import LIMIT\ndef many():\n    return LIMIT\ndef none():\n    return 0\n",
    "tracker/when_loaded.py": b"from tracker import limits\nTWICE = limits.FEW * 2\n",
    "tracker/templates/a.html": b"{{ LIMIT }}",
    "tests/test_use.py": b"def test_many():\n    assert many() == LIMIT\n",
    "deploy/infra.toml": b"count = 1",
}


def test_users_of_a_changed_name_have_changed() -> None:
    found = difference(BEFORE, BEFORE | {"tracker/limits.py": b"LIMIT = 4\nFEW = 2\n"})
    assert found is not None
    assert found.changed == {"tracker/use.py:many", "tracker/templates/a.html", "tests/test_use.py:test_many"}


@pytest.mark.parametrize(
    "changed",
    [
        {"tracker/limits.py": b"LIMIT = 3\nFEW = 1\n"},  # something is computed of it when a module is loaded
        {"tests/test_use.py": b"def test_many():\n    assert False\n"},
        {"tests/helper.py": b""},
        {"tracker/static/style.css": b""},
    ],
)
def test_nothing_can_be_said_of_such_trees(changed: dict[str, bytes]) -> None:
    assert difference(BEFORE, BEFORE | changed) is None
    assert difference(BEFORE | changed, BEFORE) is None


def test_new_files() -> None:
    fresh = {
        "tracker/new.py": b"def f(): ...",
        "tracker/web/new.py": b"@pages.get('/')\ndef show(): ...",
        "tracker/templates/b.html": b"b",
        "migrations/versions/9.py": b"revision = 9",
        "tests/test_new.py": b"def test(): ...",
        "deploy/infra.toml": b"count = 2",
    }
    found = difference(BEFORE, BEFORE | fresh)
    assert found == Difference(
        added={"tracker/web/new.py:show", "migrations/versions/9.py"},
        tests={"tests/test_new.py"},
        read={"deploy/infra.toml"},
    )


def test_a_template_that_only_says_more() -> None:
    page = {"tracker/templates/a.html": b"one\ntwo\n"}
    more = difference(page, {"tracker/templates/a.html": b"one\nand a half\ntwo\n"})
    assert more == Difference(changed=set(page), grown=set(page))
    assert difference(page, {"tracker/templates/a.html": b"two\none\n"}) == Difference(changed=set(page))
