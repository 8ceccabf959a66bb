"""Removing the directory of a run whose processes were just killed: what they still write there is removed, too."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from concern.client import removal
from concern.client.removal import remove


def test_what_a_dying_process_writes_meanwhile_is_removed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, rmtree = tmp_path / "run", shutil.rmtree
    (root / "nats").mkdir(parents=True)
    writes = [root / "nats", root / "nats" / "jetstream"]

    def while_it_dies(path: Path) -> None:
        rmtree(path)
        if writes:
            writes.pop().mkdir(parents=True)
            raise OSError(39, "Directory not empty", path)

    monkeypatch.setattr(removal.shutil, "rmtree", while_it_dies)
    remove(root)
    assert (root.exists(), writes) == (False, [])
    remove(root)


def test_what_goes_on_writing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: Any) -> None:
        raise OSError(39, "Directory not empty", path)

    monkeypatch.setattr(removal.shutil, "rmtree", never)
    with pytest.raises(OSError, match="not empty"):
        remove(tmp_path, within_s=0.0)
