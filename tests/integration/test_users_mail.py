"""Journeys that read mail or hand links out: no pain on the good product, and the right pain on broken ones."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from users_driver import PRODUCTS as TREES
from users_driver import serving, walked

from agents.users.journeys import Failure, Journey
from agents.users.products.tracker.journeys import (
    browse,
    invite_by_mail,
    reset_password,
    saved_filters,
    share_link,
)
from agents.users.products.tracker.site import scrub
from bus.scenario import Scenario
from services.cloud.mail import Relay
from services.cloud.pickup import Taken, take

pytestmark = pytest.mark.anyio
NEW = (reset_password.journey, invite_by_mail.journey, saved_filters.journey, share_link.journey, browse.journey)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def copied(past: Path, folder: Path) -> Path:
    (folder / "app.db").write_bytes((past / "app.db").read_bytes())
    return folder


async def test_no_pain_on_the_good_product(scenario: Scenario, past: Path, tmp_path: Path) -> None:
    with serving("tracker", copied(past, tmp_path)) as socket:
        relay = Relay(partial(take, tmp_path / "mail"))
        outcomes = await walked(scenario, socket, NEW, relay)
    assert [outcome.failure for outcome in outcomes if outcome.failure] == []
    assert {outcome.journey for outcome in outcomes} == {journey.name for journey in NEW}
    assert relay.dropped == 0
    assert relay.sent >= 3 * len({outcome.customer for outcome in outcomes})


async def test_mailboxes_are_the_same_however_many_work_at_once(scenario: Scenario, past: Path, tmp_path: Path) -> None:
    seen: list[dict[str, list[str]]] = []
    for in_flight in (1, 8):
        folder = tmp_path / str(in_flight)
        folder.mkdir()
        with serving("tracker", copied(past, folder)) as socket:
            relay = Relay(partial(take, folder / "mail"))
            await walked(scenario, socket, NEW[:2], relay, hours=2, in_flight=in_flight)
        boxes = relay.mailboxes.boxes
        seen.append({address: [scrub(mail.text) for _, mail in box] for address, box in boxes.items()})
    assert seen[0] == seen[1]
    assert sum(map(len, seen[0].values())) == relay.sent > 10


async def test_mail_that_never_comes_is_missed(scenario: Scenario, past: Path, tmp_path: Path) -> None:
    with serving("tracker", copied(past, tmp_path)) as socket:
        outcomes = await walked(scenario, socket, NEW[:2], Relay(lambda most: Taken()), hours=1)
    failures = [outcome.failure for outcome in outcomes]
    assert {failure and (failure.kind, failure.step, failure.detail) for failure in failures} == {
        ("error", "wait for the mail", "no mail has come"),
        ("error", "wait for the invitation", "no mail has come"),
    }


BROKEN = [
    (reset_password, "resets.py", "for table in (PasswordReset, Session):", "for table in (Session,):", "foreign_item"),
    (reset_password, "letters.py", '"/reset/{secret}"', '"/reset/{secret[1:]}"', "error"),
    (invite_by_mail, "teams.py", "await session.delete(found)", "pass", "foreign_item"),
    (share_link, "sharing.py", "await session.execute(delete(ShareLink)", "(delete(ShareLink)", "foreign_item"),
    (share_link, "sharing.py", "with_comments=with_comments,", "with_comments=True,", "foreign_item"),
    (saved_filters, "saved_filters.py", 'return f"{path}?{query}" if query else path', "return path", "stale_read"),
    (saved_filters, "saved_filters.py", "    session.add(saved)\n", "", "lost_item"),
]


@pytest.mark.parametrize(("module", "file", "good", "bad", "kind"), BROKEN)
async def test_people_notice(
    scenario: Scenario, past: Path, tmp_path: Path, module: object, file: str, good: str, bad: str, kind: str
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(TREES / "tracker", tree)
    path = tree / "tracker" / file
    assert path.read_text().count(good) == 1
    path.write_text(path.read_text().replace(good, bad))
    journey: Journey = module.journey  # type: ignore[attr-defined]
    with serving("tracker", copied(past, tmp_path), tree) as socket:
        outcomes = await walked(scenario, socket, [journey], Relay(partial(take, tmp_path / "mail")), hours=1)
    failures: list[Failure] = [outcome.failure for outcome in outcomes if outcome.failure]
    assert {failure.kind for failure in failures} == {kind}
    assert all("/…" in each.request for each in failures if "/reset/" in each.request or "/share/" in each.request)
