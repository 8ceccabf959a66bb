"""In what two variants of one request differ: judged on figures, and told."""

from collections.abc import Mapping

from typer.testing import CliRunner

from agents.web.wire import Request
from catalog.requests import Variant, load_requests
from concern.catalog.cli import app
from concern.catalog.differing.compare import Point, kinds, next_points, points
from concern.catalog.differing.found import Crowd, Found, FoundAll
from concern.catalog.differing.shares import together, unlike
from concern.catalog.differing.telling import following, pairs_of, summary
from concern.catalog.differing.walking import Sums, address

QUIET = Crowd(apart=(0, 4), together=(1, 4), doubled=(0, 4), repeated=(3, 8), lost=(0, 5), failed=0)
COUNTS = {"GET /list": (9, 120, 4_000, 0, 9_000), "POST /list": (5, 2, 100, 4, 0)}
OLD = {"GET /list/* [1]": (4, 200, 9_000, 0, 9_000)}
MS = 1_000_000


def found(
    first: Mapping[str, Sums] = COUNTS,
    *,
    later: Mapping[str, Sums] | None = None,
    cpu_ms: tuple[int, ...] = (20, 21, 19),
    crowd: Crowd = QUIET,
    before: Mapping[str, Sums] = OLD,
    closed: tuple[str, ...] = (),
) -> Found:
    cpu = tuple({"GET /list": (ms * MS,)} for ms in cpu_ms)
    old = tuple({"GET /list/* [1]": (2 * MS,)} for _ in cpu_ms)
    return Found(
        first=first,
        later=later or first,
        before=before,
        closed=closed,
        cpu=cpu,
        later_cpu=cpu,
        before_cpu=old if before else (),
        crowd=crowd,
    )


def said(mine: Found, theirs: Found) -> list[tuple[str, str]]:
    return [(point.mine, point.theirs) for point in points(mine, theirs)]


def test_variants_that_cost_about_the_same_do_not_differ() -> None:
    near = found({"GET /list": (10, 140, 4_500, 0, 9_900), "POST /list": (8, 2, 150, 5, 0)}, cpu_ms=(22, 23, 20))
    assert said(found(), near) == []


def test_more_statements_differ_in_all_and_at_their_address() -> None:
    many = found({**COUNTS, "GET /list": (60, 120, 4_000, 0, 9_000)})
    assert said(found(), many) == [
        ("14 statements in all", "65 statements in all"),
        ("9 statements at GET /list", "60 statements at GET /list"),
    ]


def test_an_address_that_only_one_of_them_has_counts_in_all() -> None:
    apart = found({**COUNTS, "GET /list/more": (30, 0, 0, 0, 0)})
    assert said(found(), apart) == [("14 statements in all", "44 statements in all")]


def test_a_later_walk_is_told_where_it_differs_more_than_the_first() -> None:
    grows = found(later={**COUNTS, "GET /list": (60, 120, 4_000, 0, 9_000)})
    assert said(found(), grows)[0] == ("14 statements in all in time", "65 statements in all in time")
    as_before = found({**COUNTS, "GET /list": (60, 120, 4_000, 0, 9_000)})
    assert not any("in time" in mine for mine, _ in said(found(), as_before))


def test_cpu_differs_if_the_same_side_is_dearer_in_every_round() -> None:
    dear = found(cpu_ms=(42, 41, 39))
    assert said(found(), dear) == [("", "2 times the CPU in all"), ("", "2 times the CPU at GET /list")]
    assert said(dear, found())[0] == ("2 times the CPU in all", "")
    assert said(found(), found(cpu_ms=(42, 41, 18))) == []
    assert said(found(cpu_ms=(0, 0, 0)), dear) == []


def test_a_little_more_cpu_in_each_round_is_noise() -> None:
    assert said(found(cpu_ms=(20, 20, 20)), found(cpu_ms=(22, 30, 30))) == []


def test_pages_of_what_was_there_are_compared_too() -> None:
    slow = found(before={"GET /list/* [1]": (90, 200, 9_000, 0, 9_000)})
    assert said(found(), slow) == [
        ("4 statements at GET /list/* [1] of old", "90 statements at GET /list/* [1] of old")
    ]
    assert said(found(), found(before={}, closed=("GET /list/* [1]",))) == [
        ("", "GET /list/* [1] of old does not open")
    ]
    assert said(found(before={}), found(before={})) == []


def test_large_answers_differ_too() -> None:
    large = found(before={"GET /list/* [1]": (4, 200, 9_000, 0, 90_000)})
    assert said(found(), large) == [
        ("9,000 bytes answered at GET /list/* [1] of old", "90,000 bytes answered at GET /list/* [1] of old")
    ]
    assert kinds(points(found(), large)) == ["pages"]


def test_what_happens_in_a_crowd_differs_if_most_of_it_does() -> None:
    loses = found(crowd=QUIET.model_copy(update={"lost": (4, 5), "failed": 1, "doubled": (3, 4), "together": (3, 4)}))
    assert said(found(), loses) == [
        ("0 of 4 journeys unmet if all is pressed twice", "3 of 4 journeys unmet if all is pressed twice"),
        (
            "0 of 5 pairs of texts not whole that were written at once",
            "4 of 5 pairs of texts not whole that were written at once",
        ),
        ("0 requests failed in the crowd", "1 requests failed in the crowd"),
    ]
    assert said(found(), found(crowd=QUIET.model_copy(update={"lost": (0, 0), "repeated": (0, 0)}))) == []


def test_two_crowds_are_added_up() -> None:
    both = together(QUIET, QUIET.model_copy(update={"doubled": (4, 4), "failed": 2}))
    assert (both.together, both.doubled, both.failed) == ((2, 8), (4, 8), 2)
    assert [words for words, *_ in unlike(QUIET, both)] == ["requests failed in the crowd"]


def test_the_next_request_is_compared_only_where_it_was_built_on_both() -> None:
    assert [point.mine for point in next_points({"a": 20, "b": 50}, {"a": 100})] == ["20 lines for a"]
    assert list(next_points({"a": 20}, {"a": 25})) == []


def test_addresses_do_not_name_one_thing_among_many() -> None:
    request = Request("GET", "/tasks/wuenm/files/2027-03-01?page=2&after=x", {})
    assert address(request, lambda text: text.replace("wuenm", "…")) == "GET /tasks/*/files/*?after&page"
    assert address(Request("POST", "/tasks", {})) == "POST /tasks"


def same_found(*variants: Variant) -> dict[str, Found]:
    return {one.name: found() for one in variants}


def test_a_pair_that_differs_in_its_lines_only_is_named_aloud() -> None:
    requests = load_requests("tracker")
    name = next(name for name, one in requests.items() if len(one.variants) == 2)
    mine, theirs = requests[name].variants
    alone = {name: requests[name]}
    same = pairs_of(alone, {name: FoundAll(things=0, variants=same_found(mine, theirs))})
    assert "THEY DIFFER IN NOTHING BUT THEIR LINES; nothing follows" in same[0].text()
    assert f"{mine.full_name} | {theirs.name} (nothing follows)" in summary(same)
    unproved = pairs_of(alone, {name: FoundAll(things=0, variants=same_found(mine, theirs))}, [theirs.full_name])
    assert "NOT PROVED EQUAL (walked by a new company)" in unproved[0].text()
    dear = {mine.name: found(), theirs.name: found(cpu_ms=(42, 41, 39))}
    differ = pairs_of(alone, {name: FoundAll(things=4_000, variants=dear)})
    assert "THEY DIFFER" not in differ[0].text()
    assert "tests equal, journey equal (walked by a company with 4,000 things)" in differ[0].text()
    assert "1 of 1 pairs differ in CPU, 1 only so" in summary(differ)
    assert "0 of 1 pairs differ IN NOTHING BUT THEIR LINES" in summary(differ)


def test_the_next_request_counts_by_its_shortest_variant_there() -> None:
    requests = load_requests("tracker")
    standing = {
        (before, below): name
        for name, request in requests.items()
        for one in request.variants
        for before, below in one.about.stands_on.items()
    }
    for (before, below), name in standing.items():
        assert following(requests, requests[before].variant(below))[name] > 0


def test_what_stands_on_a_pair_may_differ_though_the_pair_does_not() -> None:
    requests = load_requests("tracker")
    below, above = next(
        (before, name)
        for name, request in requests.items()
        for before in request.about.after
        if len(request.variants) == len(requests[before].variants) == 2
        and len({one.about.stands_on[before] for one in request.variants}) == 2
    )
    both = {below: requests[below], above: requests[above]}
    lower = FoundAll(things=0, variants=same_found(*requests[below].variants))
    upper = FoundAll(things=0, variants=same_found(*requests[above].variants))
    assert pairs_of(both, {below: lower, above: upper})[0].later_differ == []
    dear = dict(upper.variants) | {requests[above].variants[0].name: found(cpu_ms=(42, 41, 39))}
    [pair, _] = pairs_of(both, {below: lower, above: FoundAll(things=0, variants=dear)})
    assert pair.later_differ == [above]
    assert f"those that stand on them differ: {above}" in pair.then


def test_kinds_are_told_once_each() -> None:
    point = Point("cpu", "cpu", "in all", 2.0, "", "")
    assert kinds([point, point, Point("database", "rows", "in all", 2.0, "", "")]) == ["cpu", "database"]


def test_a_request_that_is_not_there_is_named_before_anything_is_measured() -> None:
    result = CliRunner().invoke(app, ["pairs", "--only", "nope"])
    assert result.exit_code == 2
    assert "no request 'nope'; there are: " in result.output
    assert len(result.output.strip().splitlines()) == 1
