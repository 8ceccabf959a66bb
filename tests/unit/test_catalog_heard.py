"""Which checks a change can reach."""

import pytest

from concern.catalog.differences import Difference
from concern.catalog.heard import Heard

HEARD = Heard(
    {
        "cut": frozenset({"tracker/m.py:cut", "tracker/m.py:start", "tracker/templates/a.html"}),
        "kept": frozenset({"tracker/m.py:keep", "tracker/m.py:start"}),
        "dear": None,
    }
)
EVERY = ("cut", "kept", "dear")


def untouched(found: Difference | None, own: str | None = None, met: tuple[str, ...] = ()) -> list[str]:
    return sorted(HEARD.untouched(found, EVERY, own=own, met=met))


def test_checks_that_hear_nothing_of_a_change_are_untouched_unless_nobody_knows_what_they_hear() -> None:
    assert untouched(Difference(changed={"tracker/m.py:cut"})) == ["kept"]
    assert untouched(Difference(changed={"tracker/m.py:nobody"})) == ["cut", "kept"]
    assert untouched(Difference(changed={"tracker/m.py:start"})) == []


def test_the_own_check_of_a_defect_must_hear_of_it() -> None:
    assert untouched(Difference(changed={"tracker/m.py:cut"}), own="cut") == ["kept"]
    assert untouched(Difference(changed={"tracker/m.py:nobody"}), own="cut") == []
    assert untouched(Difference(changed={"tracker/m.py:cut"}), own="dear") == []


@pytest.mark.parametrize(
    "found", [None, Difference(), Difference(changed={"tracker/m.py:cut"}, read={"deploy/infra.toml"})]
)
def test_nothing_is_untouched_by_what_calls_do_not_tell(found: Difference | None) -> None:
    assert untouched(found, met=EVERY) == []


def test_what_is_added_touches_every_check_that_has_not_met_it_in_company() -> None:
    added = Difference(changed={"tracker/m.py:cut"}, added={"migrations/versions/9.py"}, read={"docs/api.md"})
    assert untouched(added) == []
    assert untouched(added, met=EVERY) == ["kept"]
    assert untouched(added, met=("cut", "dear")) == []


def test_a_template_that_only_says_more_has_been_met_in_company() -> None:
    page = "tracker/templates/a.html"
    grown = Difference(changed={page, "tracker/m.py:keep"}, grown={page})
    assert untouched(grown) == []
    assert untouched(grown, met=EVERY) == ["cut"]
