"""The mail relay: a hostile pickup folder, unreadable letters, and mailboxes that do not grow for ever."""

import os
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path

import pytest

from bus.messages.cloud import Mail
from bus.simtime import HOUR, SimTime
from services.cloud import mail as relay
from services.cloud.mail import Mailboxes, Relay, read
from services.cloud.pickup import LETTER_BYTES, Taken, take

NOW = SimTime(3 * HOUR)


def letter(to: str = "ann@example.com", text: str = "Hello", subject: str = "Hi") -> bytes:
    return f"From: app@example.com\nTo: {to}\nSubject: {subject}\n\n{text}\n".encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mail" / "new").mkdir(parents=True)
    return tmp_path / "mail"


def put(folder: Path, name: str, content: bytes, written: int) -> None:
    path = folder / "new" / name
    path.write_bytes(content)
    os.utime(path, ns=(written, written))


def test_letters_are_taken_once_in_the_order_in_which_they_were_written(folder: Path) -> None:
    put(folder, "b", b"one", 1)
    put(folder, "c", b"three", 2)
    put(folder, "a", b"two", 2)
    put(folder, "z", b"two", 1)
    assert take(folder, 10).letters == [b"one", b"two", b"two", b"three"]
    assert take(folder, 10) == Taken()


def test_only_regular_files_of_a_fair_size_are_read(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(letter(text="ours"))
    new = folder / "new"
    (new / "link").symlink_to(secret)
    (new / "empty folder").mkdir()
    (new / "socket or pipe").touch()
    (new / "socket or pipe").unlink()
    os.mkfifo(new / "socket or pipe")
    put(folder, "large", b"x" * (LETTER_BYTES + 1), 1)
    put(folder, "largest", b"x" * LETTER_BYTES, 1)
    taken = take(folder, 10)
    assert taken.letters == [b"x" * LETTER_BYTES]
    assert taken.dropped == 4
    assert list(new.iterdir()) == []
    assert secret.exists()


def test_what_cannot_be_removed_is_neither_taken_nor_counted_again_and_again(folder: Path) -> None:
    (folder / "new" / "full" / "of").mkdir(parents=True)
    put(folder, "good", b"one", 1)
    assert take(folder, 10) == Taken([b"one"], 0)
    assert take(folder, 10) == Taken([], 0)


@pytest.mark.parametrize("kind", ["link", "file", "nothing"])
def test_the_folder_itself_may_be_no_folder(tmp_path: Path, kind: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "treasure").write_bytes(b"ours")
    (tmp_path / "mail").mkdir()
    new = tmp_path / "mail" / "new"
    if kind == "link":
        new.symlink_to(other)
    elif kind == "file":
        new.touch()
    assert take(tmp_path / "mail", 10) == Taken()
    assert (other / "treasure").exists()
    assert take(tmp_path / "nowhere", 10) == Taken()


def test_a_flood_is_dropped(folder: Path) -> None:
    for number in range(5):
        put(folder, str(number), str(number).encode(), number)
    assert take(folder, 2) == Taken([b"0", b"1"], 3)
    assert list((folder / "new").iterdir()) == []


def test_a_tick_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LETTERS_PER_TICK", 3)
    asked: list[int] = []

    def two(most: int) -> Taken:
        asked.append(most)
        return Taken([letter()] * min(2, most))

    post = Relay(two)
    for _ in range(3):
        post.collect(NOW)
    assert asked == [3, 1, 0]
    assert post.sent == 3
    assert post.metered() == 3
    post.collect(NOW)
    assert asked[-1] == 3
    assert post.metered() == 2
    assert post.sent == 5


@pytest.mark.parametrize("policy", [SMTP, SMTPUTF8])
@pytest.mark.parametrize("cte", ["7bit", "quoted-printable", "base64"])
def test_any_common_encoding_is_read(policy: object, cte: str) -> None:
    message = EmailMessage(policy=SMTP if policy is SMTP else SMTPUTF8)
    message["From"] = "Tally <no-reply@example.com>"
    message["To"] = "Ann <ANN@example.com>, bob@example.com"
    message["Subject"] = "Grüße aus dem Büro"
    text = "Hello\n" if cte == "7bit" else "Schöne Grüße\n"
    message.set_content(text, cte=cte)
    message.add_alternative("<p>Not this</p>", subtype="html")
    mails = list(read(bytes(message), NOW))
    assert [mail.to for mail in mails] == ["ann@example.com", "bob@example.com"]
    assert mails[0].subject == "Grüße aus dem Büro"
    assert mails[0].text == text
    assert mails[0].sender == "Tally <no-reply@example.com>"
    assert mails[0].sent_at == NOW


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 100,
        b"no header at all",
        b"Subject: to nobody\n\nHello",
        b"To: undisclosed recipients:;\n\nHello",
        letter(to="not an address"),
        letter(to="@"),
        letter(to="a" * 100 + "@example.com"),
    ],
)
def test_what_is_no_letter_reaches_nobody(raw: bytes) -> None:
    post = Relay(lambda most: Taken([raw]))
    post.collect(NOW)
    assert (post.sent, post.dropped, post.mailboxes.boxes) == (0, 1, {})


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: text/plain; charset=klingon",
        b"Content-Transfer-Encoding: base64",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"
        + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 900,
        b"Subject: =?klingon?q?=FF?= \xff\xfe",
        b"To: " + b"a@example.com, " * 10_000,
    ],
)
def test_odd_letters_do_no_harm(head: bytes) -> None:
    post = Relay(lambda most: Taken([b"To: ann@example.com\n" + head + b"\n\nHello \xff\n"]))
    post.collect(NOW)
    assert post.sent + post.dropped == 1
    assert len(post.mailboxes.arrivals) <= relay.RECIPIENTS
    for mail in post.mailboxes.since("ann@example.com", 0).mails:
        mail.model_dump_json().encode()


def test_long_letters_are_clipped() -> None:
    (mail,) = read(letter(text="x" * 100_000, subject="s" * 5_000), NOW)
    assert len(mail.text) == relay.TEXT_CHARS
    assert len(mail.subject) == relay.HEADER_CHARS


def sent(to: str, text: str) -> Mail:
    return Mail(sender="app@example.com", to=to, subject="", text=text, sent_at=NOW)


def test_a_mailbox_tells_what_is_new_in_order() -> None:
    boxes = Mailboxes()
    boxes.deliver(sent("ann@example.com", "1"))
    boxes.deliver(sent("bob@example.com", "for Bob"))
    first = boxes.since("Ann@Example.com", 0)
    assert [mail.text for mail in first.mails] == ["1"]
    assert boxes.since("ann@example.com", first.cursor).mails == ()
    boxes.deliver(sent("ann@example.com", "2"))
    boxes.deliver(sent("ann@example.com", "3"))
    assert [mail.text for mail in boxes.since("ann@example.com", first.cursor).mails] == ["2", "3"]
    assert boxes.since("nobody@example.com", 0).mails == ()


def test_old_letters_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "KEPT_LETTERS", 3)
    boxes = Mailboxes()
    for number in range(5):
        boxes.deliver(sent(f"{number % 2}@example.com", str(number)))
    assert [mail.text for mail in boxes.since("0@example.com", 0).mails] == ["2", "4"]
    assert [mail.text for mail in boxes.since("1@example.com", 0).mails] == ["3"]
    monkeypatch.setattr(relay, "KEPT_CHARS", 40)
    boxes.deliver(sent("2@example.com", "x" * 10))
    assert boxes.chars == sum(relay.weight(mail) for box in boxes.boxes.values() for _, mail in box) <= 40
    assert set(boxes.boxes) == {"2@example.com"}


def test_one_answer_is_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "ANSWER_CHARS", 3 * relay.weight(sent("a@b", "1")))
    boxes = Mailboxes()
    for number in range(5):
        boxes.deliver(sent("ann@example.com", str(number)))
    found = boxes.since("ann@example.com", 0)
    assert [mail.text for mail in found.mails] == ["2", "3", "4"]
    assert boxes.since("ann@example.com", found.cursor).mails == ()
