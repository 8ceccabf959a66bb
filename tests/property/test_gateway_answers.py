"""Whatever a service answers, the operator gets at most 16 kB at once, and all of it in pages."""

import json
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.messages.base import Part, Refused
from bus.messages.cloud import FailedLogins, FirewallRules, Text
from services.gateway.mcp.bridge import result
from services.gateway.pages import MAX_CONTENT, Page, Pages

characters = st.characters(exclude_categories=["Cs"])
words = st.one_of(
    st.text(characters, max_size=400),
    st.sampled_from(['"', "\\", "\n", "\0", "é", "\U0001f600", "x"]).flatmap(
        lambda one: st.integers(0, 60_000).map(lambda count: one * count)
    ),
)
replies = st.one_of(
    words.map(lambda text: Text(text=text)),
    words.map(lambda text: Refused(code="failed", detail=text)),
    st.lists(words, max_size=8).map(lambda rules: FirewallRules(blocked=tuple(rules))),
    st.integers(0, 5_000).map(
        lambda many: FailedLogins(address=("10.0.0.1",) * many, refused=(7,) * many, answered=(0,) * many)
    ),
)


def read_all(pages: Pages, content: str) -> Any:
    """What an operator puts together from an answer, each part within bounds."""
    assert len(content.encode()) <= MAX_CONTENT
    value = orjson.loads(content)
    if value.keys() != Page.model_fields.keys():
        return value
    texts = [value["text"]]
    while value["next"] is not None:
        following = pages.page(value["answer"], value["page"] + 1)
        assert isinstance(following, Page)
        content = pages.content("a_2", following)
        assert len(content.encode()) <= MAX_CONTENT
        value = orjson.loads(content)
        texts.append(value["text"])
    assert value["page"] == value["pages"] == len(texts)
    return orjson.loads("".join(texts))


@settings(deadline=None)
@given(reply=replies)
def test_answers_are_bounded_and_whole(reply: Part) -> None:
    pages = Pages()
    content = pages.content("a_1", reply)
    assert read_all(pages, content) == json.loads(reply.model_dump_json())
    assert len(pages.kept) <= 1


@settings(deadline=None)
@given(reply=replies)
def test_mcp_puts_the_same_into_its_words(reply: Part) -> None:
    content = Pages().content("a_1", reply)
    told = result(content, "[day 1 00:00]", ok=True)
    first = told.content[0]
    assert first.type == "text"
    assert first.text == content
    assert told.structured_content == orjson.loads(content)
