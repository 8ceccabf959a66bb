"""Tickets, posts, releases, instances and alerts, event by event."""

import pytest
from told import after

from bus.messages.attackers import AttemptEnded
from bus.messages.cloud import (
    AlertCleared,
    AlertRaised,
    EdgeOpened,
    InstanceChanged,
    JobEnded,
    ReleaseFailed,
    ReleaseLive,
    ServiceMeasured,
    UsageLine,
    UsageMetered,
)
from bus.messages.desk import (
    Announced,
    StatusPosted,
    TicketClosed,
    TicketMessage,
    TicketOpened,
    TicketReopened,
)
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.messages.reward import Usage
from bus.simtime import HOUR, MINUTE
from tui.state import desk as desk_state
from tui.widgets.product import Product


def opened(ticket="t_1", subject="Slow"):
    return TicketOpened(
        ticket=ticket, customer="c_1", customer_name="Alder", topic="problem", subject=subject, body="", at=-HOUR
    )


def message(ticket="t_1", author="company"):
    return TicketMessage(ticket=ticket, customer="c_1", author=author, body="")


def closed(ticket="t_1"):
    return TicketClosed(ticket=ticket, customer="c_1", hours_open=2.0)


def counts(business):
    return tuple(business.desk.count(state) for state in ("open", "answered", "solved"))


def instance(state, name="i_1"):
    return InstanceChanged(instance=name, release="r_1", size="small", state=state)


def measured(tick=0, available=1.0, utilisation=0.5, release=None, database=0.1):
    return ServiceMeasured(
        tick=tick, release=release, instances=2, available=available, utilisation=utilisation, database=database,
        latency_ms={"read": 20.0}, timed_out=0.0,
    )  # fmt: skip


def test_a_ticket_goes_from_open_over_answered_to_solved():
    assert counts(after(opened())) == (1, 0, 0)
    assert counts(after(opened(), message())) == (0, 1, 0)
    assert counts(after(opened(), message(), closed())) == (0, 0, 1)


def test_a_customer_who_writes_again_or_reopens_makes_it_open():
    assert counts(after(opened(), message(), message(author="customer"))) == (1, 0, 0)
    again = after(opened(), message(), TicketReopened(ticket="t_1", customer="c_1", times=2))
    assert counts(again) == (1, 0, 0)
    assert again.desk.unsolved["t_1"].reopened == 2


def test_a_solved_ticket_that_is_reopened_counts_once_and_keeps_its_subject():
    business = after(opened(), closed(), TicketReopened(ticket="t_1", customer="c_1", times=1))
    assert counts(business) == (1, 0, 0)
    assert business.desk.unsolved["t_1"].subject == "Slow"


def test_tickets_opened_before_anyone_watched_are_counted_without_a_subject():
    assert counts(after(message("t_9"))) == (0, 1, 0)
    assert counts(after(closed("t_9"))) == (0, 0, 1)
    assert after(closed("t_9")).desk.solved[0].subject == ""


def test_a_flood_is_forgotten_but_counted(monkeypatch):
    monkeypatch.setattr(desk_state, "UNSOLVED_KEPT", 3)
    flood = after(*(opened(f"t_{number}") for number in range(5)))
    assert len(flood.desk.unsolved) == 3
    assert counts(flood) == (5, 0, 0)
    drained = after(*(opened(f"t_{number}") for number in range(5)), closed("t_0"))
    assert counts(drained) == (4, 0, 1)


def test_posts_come_newest_first():
    post = StatusPosted(post="p_1", state="investigating", title="Slow", body="")
    business = after(post, Announced(post="p_2", subject="New prices", body=""))
    assert [(post.state, post.title) for post in business.desk.posts] == [
        ("mail", "New prices"),
        ("investigating", "Slow"),
    ]


def test_a_release_is_live_since_it_was_said():
    live = ReleaseLive(release="r_2", commit="c0", previous="r_1", rolled_back=True)
    hosting = after(live, hour=30).hosting
    assert (hosting.release, hosting.live_since) == ("r_2", 30 * HOUR)
    assert hosting.happenings[0].text == "rolled back to release r_2"


def test_a_failed_deploy_and_a_failed_job_are_noted_and_change_no_release():
    failed = ReleaseFailed(commit="c1", step="health", detail="500")
    hosting = after(failed, JobEnded(job="mail", exit_code=0, detail=""), JobEnded(job="mail", exit_code=1, detail="x"))
    assert hosting.hosting.release is None
    assert [happening.good for happening in hosting.hosting.happenings] == [False, False]


def test_instances_vanish_when_stopped_and_stay_when_crashed():
    business = after(instance("ready"), instance("ready", "i_2"), instance("stopped"), instance("crashed", "i_2"))
    assert {name: it.state for name, it in business.hosting.instances.items()} == {"i_2": "crashed"}
    assert business.hosting.happenings[0].text == "instance i_2 crashed"


def test_uptime_is_the_mean_availability_and_a_missing_release_keeps_the_known_one():
    hosting = after(measured(0, 1.0, 0.3, "r_1"), measured(1, 0.5, 0.9)).hosting
    assert hosting.uptime == pytest.approx(0.75)
    assert hosting.loads == (0.9, 0.3)
    assert hosting.release == "r_1"


def test_alerts_clear_also_when_nobody_heard_them_raised():
    raised = AlertRaised(alert="a_1", kind="slow", detail="p95")
    assert list(after(raised).hosting.alerts) == ["a_1"]
    assert not after(raised, AlertCleared(alert="a_1", kind="slow")).hosting.alerts
    assert not after(AlertCleared(alert="a_7", kind="slow")).hosting.alerts


def test_hosting_cost_and_isolation():
    lines = (
        UsageLine(item="instances", quantity=1, unit="h", cost=90_000),
        UsageLine(item="storage", quantity=1, unit="GB", cost=10_000),
    )
    hosting = after(EdgeOpened(socket="edge", isolation="partial"), UsageMetered(tick=0, lines=lines)).hosting
    assert (hosting.isolation, hosting.cost_per_tick) == ("partial", 100_000)


def test_actions_and_turns():
    call = ActionEnded(
        action_id="ac_1", turn_id="tu_1", tool="bash", summary="ls", ok=False, sim_time0=0, sim_time1=MINUTE
    )
    turn = TurnEnded(
        turn_id="tu_1", tick=0, action_ids=(), sim_time0=0, sim_time1=0, wall0=0, wall1=0,
        usage=Usage(prompt_tokens=10, completion_tokens=5, cost=7),
    )  # fmt: skip
    operator = after(call, call, turn).operator
    assert (operator.calls, operator.failed, operator.tools) == (2, 2, {"bash": 2})
    assert (operator.turns, operator.tokens, operator.cost) == (1, 15, 7)
    assert operator.actions[0].took == MINUTE


def test_attempts_by_outcome():
    def attempt(outcome, records=0):
        return AttemptEnded(
            attacker="g", kind="scrape", address="203.0.113.7", requests=3, outcome=outcome, records=records
        )

    attacks = after(attempt("blocked"), attempt("succeeded", 12), attempt("blocked")).attacks
    assert (attacks.total, attacks.outcomes, attacks.records) == (3, {"blocked": 2, "succeeded": 1}, 12)
    assert attacks.attempts[1].records == 12


@pytest.mark.parametrize(("database", "told"), [(0.1, ("utilisation", "50")), (0.97, ("database", "97"))])
def test_the_busiest_part_is_told(database, told):
    rows = [row.plain for row in Product().lines(after(measured(database=database)), 60)]
    assert [row for row in rows if row.startswith(told[0]) and told[1] in row]
