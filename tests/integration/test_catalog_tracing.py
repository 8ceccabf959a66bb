"""Which code of a product each of its tests calls: by itself, and in processes that it starts."""

from pathlib import Path

import pytest

from catalog.products import Checking, Product, load_product
from concern.catalog.reach import reach_of

CODE = """
def first():
    return second()
def second():
    return 1
def third():
    return 3
if __name__ == "__main__":
    third()
"""
TESTS = """
import subprocess, sys
from shop import things
def test_here():
    assert things.first() == 1
def test_in_a_process():
    subprocess.run([sys.executable, "-m", "shop.things"], check=True)
def test_nothing():
    pass
"""


def test_calls_are_heard_in_this_process_and_in_those_that_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCERN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr("catalog.products.PRODUCTS", tmp_path)
    for name, text in {"shop/__init__.py": "", "shop/things.py": CODE, "tests/test_things.py": TESTS}.items():
        file = tmp_path / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    history = load_product("tracker").history
    product = Product(name="shop", history=history, checking=Checking(host="shop.example", schema_files=()))
    calls = reach_of(product).calls
    assert calls["tests/test_things.py::test_here"] >= {"shop/things.py:first", "shop/things.py:second"}
    assert "shop/things.py:third" not in calls["tests/test_things.py::test_here"]
    assert "shop/things.py:third" in calls["tests/test_things.py::test_in_a_process"]
    assert "shop/things.py:third" not in calls["tests/test_things.py::test_nothing"]
