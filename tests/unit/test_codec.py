import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import codec, schema
from bus.ids import EpisodeId
from bus.messages import COMMANDS, EVENTS, FAMILIES
from bus.messages.base import Envelope, Refused
from bus.messages.cloud import Deploy, JobTicket
from bus.messages.desk import StatusPosted
from bus.messages.users import CustomersInherited, MarketMoved
from bus.simtime import SimTime
from bus.subjects import command_subject, event_subject

EPISODE = EpisodeId("e_aaaaaaaaaaaa")
ENVELOPE = Envelope(id="desk-1", episode=EPISODE, sim_time=SimTime(0), seq=1)
POST = StatusPosted(post="p", state="resolved", title="Ünïcödé 'n' \u2028", body="")


def test_an_event_survives_the_wire() -> None:
    delivered = codec.decode_event(codec.encode_event(ENVELOPE, POST))
    assert delivered.event == POST
    assert delivered.envelope == ENVELOPE


def test_hearers_in_one_process_share_what_was_read_and_what_is_unreadable_stays_so() -> None:
    data = codec.encode_event(ENVELOPE, POST)
    assert codec.decode_event(data) is codec.decode_event(bytes(bytearray(data)))
    for _ in range(2):
        with pytest.raises(codec.MalformedMessage):
            codec.decode_event(b"{}")


def test_the_wire_form_is_one_flat_object() -> None:
    assert orjson.loads(codec.encode_event(ENVELOPE, POST)).keys() == {
        *("id", "episode", "sim_time", "seq", "cause_id", "type", "post", "state", "title", "body")
    }


@given(st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_nan=False, allow_infinity=False))
def test_columns_have_the_bytes_that_the_models_give(text: str, number: float) -> None:
    head = ENVELOPE.model_copy(update={"cause_id": text})
    columns = dict.fromkeys(("journey", "stratum", "outcome", "sessions"), (7, -1))
    event = MarketMoved(tick=1, alive=2, heard=number, reputation=0.5, **columns)
    by_models = f"{head.model_dump_json()[:-1]},{event.model_dump_json()[1:]}"
    assert codec.encode_event(head, event) == by_models.encode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"type": "desk.status.posted/99"}, "unknown event type"),
        ({"type": None}, "unknown event type"),
        ({"state": "fine"}, "state"),
        ({"extra": 1}, "extra"),
        ({"episode": 5}, "episode"),
        ({"seq": "NaN"}, "seq"),
    ],
)
def test_what_is_wrong_with_an_event_is_named(change: dict[str, object], why: str) -> None:
    fields = orjson.loads(codec.encode_event(ENVELOPE, POST)) | change
    with pytest.raises(codec.MalformedMessage, match=why):
        codec.decode_event(orjson.dumps(fields))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"null", b'{"type": NaN}', b"[" * 100_000, b'{"a":' * 5_000, b"x" * 1_000_001]
)
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    with pytest.raises(codec.MalformedMessage):
        codec.decode_event(data)
    with pytest.raises(codec.MalformedMessage):
        codec.decode_command(data)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(codec.MalformedMessage):
        codec.decode_event(data)


def test_a_message_that_is_too_large_is_not_sent() -> None:
    with pytest.raises(ValueError, match="at most"):
        codec.encode_event(ENVELOPE, POST.model_copy(update={"body": "x" * codec.MAX_BYTES}))


def test_commands_and_answers_survive_the_wire() -> None:
    head = codec.RequestHead(id="gateway-1", episode=EPISODE, sender="gateway", sim_time=SimTime(5))
    asked = codec.decode_command(codec.encode_command(head, Deploy(ref="main")))
    assert (asked.head, asked.command) == (head, Deploy(ref="main"))
    for reply in (JobTicket(job="j", ready_at=SimTime(9)), Refused(code="no", detail="not now")):
        answer = codec.decode_answer(codec.encode_answer(codec.Answer(reply, {"cloud": 3})), JobTicket)
        assert (answer.reply, answer.known) == (reply, {"cloud": 3})


def test_columns_of_unequal_length_are_refused() -> None:
    one = {"agent": "ua_1", "customer": ["c"], "name": ["n"], "segment": ["solo"], "plan": ["starter"], "seats": [1]}
    with pytest.raises(ValueError, match="columns differ"):
        CustomersInherited.model_validate({**one, "paid_from": [0], "wallet": [1], "income": []})


def test_every_message_has_a_subject_under_its_owner_and_every_command_an_answer() -> None:
    for name, event in EVENTS.items():
        assert event_subject(EPISODE, event).startswith(f"{event.family()}.{EPISODE}.")
        assert name.rsplit("/", 1)[1].isdigit()
        assert event.family() in FAMILIES
    for command in COMMANDS.values():
        assert command_subject(EPISODE, command).startswith(f"cmd.{EPISODE}.{command.service()}.")
        assert command.reply_type().model_config["extra"] == "forbid"


def test_the_committed_schema_is_that_of_the_messages() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.schema_text(), "run `make schema` and read its diff"
