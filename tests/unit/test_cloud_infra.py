"""`deploy/infra.toml`: what is read, what is refused and how, and what a plan costs."""

import pytest

from bus.scenario import CloudSection
from services.cloud.infra import InfraError, checked_rule, monthly_cost, parse, plan

SMALLEST = b'[app]\ncommand = "python -m app"\n'


def test_the_smallest_file_has_defaults() -> None:
    infra = parse(SMALLEST)
    assert infra.app.command == ("python", "-m", "app")
    assert (infra.instances.count, infra.instances.size, infra.database.plan) == (1, "small", "basic")
    values = {"socket": "/s", "database_url": "sqlite:////d", "data": "/d", "mail": "/m", "secret": "x"}
    assert infra.app.environment(values) == {
        "SOCKET": "/s",
        "DATABASE_URL": "sqlite:////d",
        "DATA_DIR": "/d",
        "MAIL_DIR": "/m",
        "SECRET": "x",
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "[app]"),
        ("[app]\n", "give `command` or `entry`"),
        ("[app\n", "not TOML"),
        ('[app]\nentry = "no colon"\n', "[app.entry]"),
        ('[app]\ncommand = "x"\n[app.env]\nA = "{home}"\n', "unknown placeholder ['home']"),
        ('[app]\ncommand = "x"\n[instances]\ncount = 0\n', "[instances.count]"),
        ('[app]\ncommand = "x"\n[instances]\nsize = "huge"\n', "[instances.size]"),
        ('[app]\ncommand = "x"\n[balanser]\n', "[balanser]"),
        ('[app]\ncommand = "x"\n[[job]]\nname = "a"\nevery = "10s"\ncommand = "y"\n', "such as 15m"),
        ('[app]\ncommand = "x"\n[firewall]\nblocked = ["everybody"]\n', "'everybody' is not an address"),
        ('[app]\ncommand = "x"\n[limits]\nbody_bytes = 1\n', "[limits.body_bytes]"),
    ],
)
def test_mistakes_are_named(text: str, says: str) -> None:
    with pytest.raises(InfraError) as refused:
        parse(text.encode())
    assert says in str(refused.value)


def test_a_missing_file_and_no_text() -> None:
    with pytest.raises(InfraError, match="not in this commit"):
        parse(None)
    with pytest.raises(InfraError, match="not TOML"):
        parse(b"\xff\xfe")


def test_two_jobs_of_one_name() -> None:
    job = b'[[job]]\nname = "a"\nevery = "1h"\ncommand = "y"\n'
    assert parse(SMALLEST + job).job[0].interval == 3_600_000
    with pytest.raises(InfraError, match="same name"):
        parse(SMALLEST + job + job)


def test_a_plan_tells_what_each_change_costs() -> None:
    prices = CloudSection()
    old = parse(SMALLEST)
    new = parse(
        SMALLEST + b'[instances]\ncount = 3\n[database]\nplan = "standard"\n[limits]\nrequests_per_minute = 60\n'
    )
    planned = plan(old, new, prices)
    assert {change.what: change.cost_per_month for change in planned.changes} == {
        "instances": 2 * 90_000 * 730,
        "database": (178_000 - 72_000) * 730,
        "limits": 0,
    }
    assert planned.cost_per_month == monthly_cost(new, prices) == (3 * 90_000 + 178_000) * 730
    assert plan(new, new, prices).changes == ()


def test_rules_have_one_form() -> None:
    assert checked_rule("203.0.113.7/24") == "203.0.113.0/24"
    assert checked_rule("203.0.113.7/32") == "203.0.113.7"
    with pytest.raises(ValueError, match="not an address"):
        checked_rule("x")
