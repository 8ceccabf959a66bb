"""A person's mailbox: new letters, links in them, and what belongs to strangers."""

import pytest

from agents.users.mailbox import Inbox
from agents.users.products.tracker.site import scrub
from agents.web.failure import JourneyFailed
from bus.messages.cloud import Mail, Mailbox
from bus.simtime import SimTime

pytestmark = pytest.mark.anyio
ADDRESS = "ann@example.com"
OWN, OTHER = "aaaaaa", "bbbbbb"


def mail(text: str) -> Mail:
    return Mail(sender="app@example.com", to=ADDRESS, subject="News", text=text, sent_at=SimTime(0))


class Relay:
    """Letters to one address."""

    def __init__(self, *texts: str) -> None:
        self.mails = [mail(text) for text in texts]

    async def post(self, address: str, since: int) -> Mailbox:
        assert address == ADDRESS
        return Mailbox(mails=tuple(self.mails[since:]), cursor=len(self.mails))

    def inbox(self) -> Inbox:
        return Inbox(self.post, ADDRESS, OWN, {OWN, OTHER})


async def test_only_new_letters_are_told() -> None:
    relay = Relay("one", "two")
    inbox = relay.inbox()
    assert [each.text for each in await inbox.new()] == ["one", "two"]
    assert await inbox.new() == ()
    relay.mails.append(mail("three"))
    assert [each.text for each in await inbox.new()] == ["three"]


async def test_the_newest_link_of_its_kind_is_followed() -> None:
    relay = Relay(
        "https://app.example/reset/old",
        "Or http://elsewhere.example/news, or: https://app.example/reset/new\n-- \nhttps://app.example/unsubscribe/x",
    )
    assert await relay.inbox().link("/reset/", "wait") == "/reset/new"


@pytest.mark.parametrize(("texts", "words"), [((), "no mail has come"), (("Hello",), "no link in the mail")])
async def test_a_missing_letter_or_link_fails_the_session(texts: tuple[str, ...], words: str) -> None:
    with pytest.raises(JourneyFailed, match=words) as caught:
        await Relay(*texts).inbox().link("/reset/", "wait for the mail")
    assert (caught.value.kind, caught.value.step) == ("error", "wait for the mail")


async def test_a_strangers_reference_in_a_letter_is_a_leak() -> None:
    with pytest.raises(JourneyFailed) as caught:
        await Relay(f"Due: card {OWN}-0a0a0a", f"Due: card {OTHER}-0b0b0b").inbox().new()
    assert (caught.value.kind, caught.value.item) == ("foreign_item", f"{OTHER}-0b0b0b")


@pytest.mark.parametrize("place", ["join", "reset", "share"])
def test_secrets_of_links_are_scrubbed(place: str) -> None:
    secret = "Zk3_-" * 8 + "abc"
    assert scrub(f"GET https://app.example/{place}/{secret} -> 404") == f"GET https://app.example/{place}/… -> 404"


def test_a_way_out_is_scrubbed() -> None:
    assert scrub(f"/unsubscribe/abcdefghijkl.digests.{'0f' * 32}") == "/unsubscribe/….digests.…"
