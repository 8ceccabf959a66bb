"""The way out of the sandbox: requests are delivered and answered, and nothing else gets anywhere."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.cloud import egress as module
from services.cloud.egress import MAX_FILE, Egress

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def egress(tmp_path: Path) -> Egress:
    made = Egress(tmp_path / "egress")
    made.make()
    return made


def request(name: str, **changed: Any) -> dict[str, Any]:
    usual = {"id": name, "url": "https://hooks.example/in", "method": "POST", "headers": {"A": "b"}, "body": "{}"}
    return usual | changed


def leave(egress: Egress, name: str, **changed: Any) -> Path:
    path = egress.folder / "new" / f"{name}.json"
    path.write_text(json.dumps(request(name, **changed)))
    return path


def answer(egress: Egress, name: str) -> dict[str, Any]:
    return json.loads((egress.folder / "done" / f"{name}.json").read_text())


def test_a_request_is_delivered_answered_and_gone(egress: Egress) -> None:
    path = leave(egress, "a-1", body="hello")
    assert egress.drain(NOW) == 1
    assert not path.exists()
    assert answer(egress, "a-1") == {"status": 200, "at": NOW.isoformat()}
    (found,) = egress.deliveries("https://hooks.example/", 0).deliveries
    assert (found.url, found.body, found.headers, found.status) == (
        "https://hooks.example/in",
        "hello",
        {"A": "b"},
        200,
    )
    assert (egress.drain(NOW), egress.dropped) == (0, 0)


@pytest.mark.parametrize(
    ("host", "status"), [("k7.down.example", 503), ("down.example", 200), ("k7.down.example.org", 200)]
)
def test_some_receivers_are_out_of_order(egress: Egress, host: str, status: int) -> None:
    leave(egress, "a-1", url=f"https://{host}/in")
    egress.drain(NOW)
    assert answer(egress, "a-1")["status"] == status


def test_what_is_still_being_written_waits(egress: Egress) -> None:
    part = egress.folder / "new" / ".a-1.part"
    part.write_text("{")
    assert (egress.drain(NOW), egress.dropped) == (0, 0)
    assert part.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "other"},
        {"url": "file:///etc/passwd"},
        {"url": "https://hooks.example/ x"},
        {"url": "https://[::1/"},
        {"method": "GET"},
        {"headers": {"A": 1}},
        {"headers": {str(n): "x" for n in range(41)}},
        {"body": 5},
        {"more": True},
        {"body": "x" * MAX_FILE},
    ],
)
def test_what_is_no_request_is_dropped(egress: Egress, changed: dict[str, Any]) -> None:
    path = leave(egress, "a-1", **changed)
    assert (egress.drain(NOW), egress.dropped) == (0, 1)
    assert not path.exists()
    assert list((egress.folder / "done").iterdir()) == []


def test_links_folders_and_pipes_are_dropped_and_nothing_behind_them_is_touched(egress: Egress, tmp_path: Path) -> None:
    new = egress.folder / "new"
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(request("a-1")))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").write_text("kept")
    (new / "a-1.json").symlink_to(secret)
    os.mkfifo(new / "a-2.json")
    (new / "a-3.json").mkdir()
    (new / "a-3.json" / "deep").mkdir()
    (new / "a-3.json" / "link").symlink_to(tmp_path / "outside")
    (new / "not a name.json").write_text("{}")
    assert (egress.drain(NOW), egress.dropped) == (0, 4)
    assert list(new.iterdir()) == []
    assert secret.exists()
    assert (tmp_path / "outside" / "kept").exists()


@pytest.mark.parametrize("name", ["new", "done"])
def test_a_link_in_the_place_of_a_folder_leads_nowhere(egress: Egress, tmp_path: Path, name: str) -> None:
    leave(egress, "a-1")
    (egress.folder / name).rename(tmp_path / "elsewhere")
    (egress.folder / name).symlink_to(tmp_path / "elsewhere")
    before = sorted(path.name for path in (tmp_path / "elsewhere").iterdir())
    assert (egress.drain(NOW), egress.dropped) == (0, 1)
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == before


def test_an_answer_never_goes_through_a_link(egress: Egress, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    for name in ("a-1.json", ".a-1.json.part"):
        (egress.folder / "done" / name).symlink_to(target)
    leave(egress, "a-1")
    assert egress.drain(NOW) == 1
    assert target.read_text() == "mine"
    assert answer(egress, "a-1")["status"] == 200


def test_an_impossible_answer_is_the_products_loss(egress: Egress) -> None:
    (egress.folder / "done" / "a-1.json").mkdir()
    leave(egress, "a-1")
    leave(egress, "a-2")
    assert egress.drain(NOW) == 2
    assert answer(egress, "a-2")["status"] == 200


def test_a_flood_is_taken_in_parts(egress: Egress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 3)
    for number in range(5):
        leave(egress, f"a-{number}")
    assert [egress.drain(NOW), egress.drain(NOW), egress.drain(NOW)] == [3, 2, 0]


def test_deliveries_come_in_parts_and_from_a_position_on(egress: Egress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_COUNT", 2)
    for number in range(5):
        leave(egress, f"a-{number}", url=f"https://{'other' if number == 1 else 'hooks'}.example/in")
    egress.drain(NOW)
    first = egress.deliveries("https://hooks.example/", 0)
    second = egress.deliveries("https://hooks.example/", first.next)
    third = egress.deliveries("https://hooks.example/", second.next)
    assert [one.position for answer in (first, second) for one in answer.deliveries] == [1, 3, 4, 5]
    assert (third.deliveries, third.next) == ((), 5)


def test_a_large_delivery_is_told_alone(egress: Egress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_BYTES", 100)
    for number in range(2):
        leave(egress, f"a-{number}", body="x" * 500)
    egress.drain(NOW)
    first = egress.deliveries("https://", 0)
    assert (len(first.deliveries), first.next) == (1, 1)
    assert len(egress.deliveries("https://", first.next).deliveries) == 1


def test_old_deliveries_are_forgotten(egress: Egress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 1_000)
    for number in range(5):
        leave(egress, f"a-{number}", body="x" * 400)
    egress.drain(NOW)
    assert [one.position for one in egress.deliveries("https://", 0).deliveries] == [4, 5]
