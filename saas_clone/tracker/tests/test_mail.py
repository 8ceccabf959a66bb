"""Outgoing mail: what is handed over, to whom, and what happens when it cannot be."""

import logging
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser import PASSWORD, Browser
from tests.mailbox import link_in, sent, text_of
from tracker.jobs import digest, reminders
from tracker.mail import Letter, Mail, read_unsubscribe_token, unsubscribe_token
from tracker.models import now
from tracker.services import Services
from tracker.settings import Settings

pytestmark = pytest.mark.anyio


async def test_an_invitation_is_mailed(ada: Browser, visitor: Browser, services: Services) -> None:
    await ada.open("/members")
    await ada.submit("Create invitation", Email="bob@example.com", Role="Member")
    (letter,) = sent(services)
    assert letter["To"] == "bob@example.com" and "Analytical Engines" in letter["Subject"]
    assert letter["From"] == "Tracker <no-reply@127.0.0.1>" and letter["Date"] and letter["Message-ID"]
    await visitor.open(link_in(letter, "/join/"))
    await visitor.submit("Join team", Your_name="Bob", Password=PASSWORD)
    assert visitor.page.message == "You have joined the team."


async def test_a_refused_form_sends_nothing(ada: Browser, services: Services) -> None:
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="ada@example.com", Role="Member")
    assert page.status == 409
    assert sent(services) == []


async def test_links_lead_to_us_whatever_host_was_asked(ada: Browser, services: Services) -> None:
    data = {"email": "ada@example.com"}
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    url = ada.server.make_url("/reset")
    async with ada.http.post(url, data=data, headers=headers, allow_redirects=False) as response:
        assert response.status == 303
    (letter,) = sent(services)
    assert "evil.example" not in bytes(letter).decode()


async def test_without_a_place_for_mail_people_can_go_on(
    ada: Browser, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.mail.folder.write_text("not a folder")
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="bob@example.com", Role="Member")
    assert page.status == 201 and any("/join/" in text for text in page.links)
    assert "mail was not handed over" in caplog.text


async def test_a_full_disk_leaves_no_half_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mail = Mail(tmp_path, "http://t", "secret")

    def full(path: Path, content: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert await mail.hand_over([Letter("a@example.com", "Hello", "you")]) == 0
    assert "not handed over" in caplog.text
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_people_do_not_wait_for_a_disk_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    freed = threading.Event()
    monkeypatch.setattr("tracker.mail.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: freed.wait() and 0)
    mail = Mail(tmp_path, "http://t", "secret")
    assert await mail.hand_over([Letter("a@example.com", "Hello", "you")]) == 0
    assert "takes long" in caplog.text
    freed.set()


async def test_nobody_writes_headers_of_ours(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    mail = Mail(tmp_path, "http://t", "secret")
    forged = "Hello\r\nBcc: eve@example.com"
    assert await mail.hand_over([Letter("a@example.com", forged, "you")]) == 1
    (file,) = (tmp_path / "new").iterdir()
    assert b"\nBcc:" not in file.read_bytes()
    assert b"\r\n\r\nyou\r\n" in file.read_bytes()
    assert await mail.hand_over([Letter("a@example.com, eve@example.com", "Hello", "you")]) == 0
    assert "could not be composed" in caplog.text


async def test_letters_of_one_process_sort_by_their_names(tmp_path: Path) -> None:
    mail = Mail(tmp_path, "http://t", "secret")
    await mail.hand_over([Letter("a@example.com", str(number), "…") for number in range(30)])
    files = sorted((tmp_path / "new").iterdir())
    assert [file.read_text().split("Subject: ")[1].split("\n")[0] for file in files] == [
        str(number) for number in range(30)
    ]


async def test_reminders_and_digests_come_by_mail(ada: Browser, services: Services) -> None:
    tomorrow = (now() + timedelta(days=1)).date()
    await ada.make_task("Ünder way", Due_date=str(tomorrow))
    await reminders.run(services)
    await reminders.run(services)
    await digest.run(services)
    reminder, week = sent(services)
    assert reminder["Subject"] == "Due tomorrow: Ünder way"
    assert (await ada.open(link_in(reminder, "/tasks/"))).h1 == "Ünder way"
    assert "1 tasks created" in text_of(week) and week["To"] == "ada@example.com"


async def test_a_digest_has_a_way_out(ada: Browser, visitor: Browser, services: Services) -> None:
    await digest.run(services)
    (letter,) = sent(services)
    path = link_in(letter, "/unsubscribe/")
    assert path in letter["List-Unsubscribe"]
    assert (await visitor.open(path)).h1 == "Unsubscribe"
    await ada.open("/account/mail")
    assert 'name="digests" type="checkbox" value="yes" checked' in ada.page.body  # looking changes nothing
    await visitor.open(path)
    assert (await visitor.submit("Unsubscribe")).h1 == "You are unsubscribed"
    await ada.open("/account/mail")
    assert 'name="digests" type="checkbox" value="yes" checked' not in ada.page.body
    assert 'name="reminders" type="checkbox" value="yes" checked' in ada.page.body


@pytest.mark.parametrize("change", ["reader", "kind", "signature"])
def test_unsubscribing_takes_our_signature(change: str) -> None:
    token = unsubscribe_token("secret", "abcdefghijkl", "digests")
    assert read_unsubscribe_token("secret", token) == ("abcdefghijkl", "digests")
    names = ("reader", "kind", "signature")
    others = ("bcdefghijklm", "billing", "0" * 64)
    parts = zip(names, token.split("."), others, strict=True)
    forged = ".".join(other if name == change else part for name, part, other in parts)
    assert read_unsubscribe_token("secret", forged) is None


async def test_a_made_up_way_out_leads_nowhere(visitor: Browser) -> None:
    path = f"/unsubscribe/abcdefghijkl.digests.{'0' * 64}"
    assert (await visitor.open(path)).status == 404
    assert (await visitor.post(path, {})).status == 404


async def test_people_choose_their_mails(ada: Browser, services: Services) -> None:
    await ada.open("/account")
    await ada.click("Mail settings")
    kinds = ("assignments", "mentions", "reminders", "billing")
    page = await ada.post("/account/mail", dict.fromkeys(kinds, "yes"))
    assert page.message == "Mail settings saved."
    await digest.run(services)
    assert sent(services) == []
    assert "This week" in (await ada.open("/notifications")).body
    await ada.post("/account/mail", {"digests": "yes"})
    await ada.make_task("Due", Due_date=str(now().date()))
    await reminders.run(services)
    assert sent(services) == []


async def test_managers_learn_of_a_new_plan(ada: Browser, visitor: Browser, services: Services) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await ada.open("/billing")
    await ada.submit("Change plan", Plan="Team", Seats="7")
    assert [x["To"] for x in sent(services) if "Subscription" in x["Subject"]] == ["ada@example.com"]
    assert "plan team, 7 seats" in text_of(sent(services, "ada@example.com")[-1])


def test_mail_lies_beside_the_data_unless_told_otherwise() -> None:
    assert Settings(data=Path("/srv/data")).mail_folder == Path("/srv/mail")
    told = Settings.from_environment({"TRACKER_MAIL": "/out", "TRACKER_ADDRESS": "https://t.example/"})
    assert told.mail_folder == Path("/out") and told.public_address == "https://t.example"
