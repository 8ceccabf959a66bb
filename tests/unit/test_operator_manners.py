"""Operators that differ in one decision."""

from dataclasses import dataclass

import pytest
from made_up_company import DOLLAR, MadeUpCompany, invoice, ticket

from agents.operator.policies import MANNERS, UnknownPolicy, find_policy
from bus.chance import Chance
from bus.messages.base import Refused
from bus.messages.cloud import FailedLogins
from bus.simtime import DAY, HOUR
from catalog.builds import work_for

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class MadeUpFix:
    defect: str
    kind: str = "bug"
    patch: str = "--- a/x\n+++ b/x\n"
    message: str = "Better"


FIXES = (MadeUpFix("one", patch="first\n"), MadeUpFix("two", "security", "second\n"))


def company(hours: int) -> MadeUpCompany:
    """With a ticket, a double charge and a guesser."""
    made = MadeUpCompany(hours)
    made.put(ticket("t_1", "billing"))
    made.invoices = [invoice("in_1", amount=72 * DOLLAR)]
    made.refused = FailedLogins(address=("10.0.0.9",), refused=(90,), answered=(0,))
    return made


def hours_of(made: MadeUpCompany, tool: str) -> list[int]:
    return [hour for hour, name, _ in made.calls if name == tool]


async def test_refunds_or_repairs_come_first_and_the_other_three_days_later() -> None:
    refunds = await company(80).run("order/refund-first", FIXES)
    repairs = await company(80).run("order/repair-first", FIXES)
    late = 3 * DAY // HOUR
    assert (hours_of(refunds, "refund")[0], hours_of(refunds, "deploy")[0]) == (0, late)
    assert (hours_of(repairs, "refund")[0], hours_of(repairs, "deploy")[0]) == (late, 0)


async def test_abusers_are_blocked_or_holes_closed_never_both() -> None:
    blocks = await company(2).run("abuse/block", FIXES)
    closes = await company(2).run("abuse/fix", FIXES)
    assert (len(blocks.done("firewall")), len(blocks.done("deploy"))) == (1, 0)
    assert (len(closes.done("firewall")), len(closes.done("deploy"))) == (0, 1)
    assert [one["content"] for one in closes.done("write_file")] == ["second\n"]


@pytest.mark.parametrize(("manner", "count"), [("headroom/plenty", 6), ("headroom/tight", 3), ("abuse/block", 4)])
async def test_room_is_kept_or_filled(manner: str, count: int) -> None:
    def load(company: MadeUpCompany) -> None:
        company.utilisation = 2.3 / len(company.instances)

    made = MadeUpCompany(20, each_hour=load)
    await made.run(manner)
    assert len(made.instances) == count


async def test_prices_are_decided_once() -> None:
    raised = MadeUpCompany(3, refusals={"set_plans": Refused(code="x", detail="too soon")})
    await raised.run("prices/raise")
    assert raised.done("set_plans") == [{"price_per_seat": {"team": 14_400_000}, "notice_days": 30}]
    short = MadeUpCompany(3, price_notice_days=7, refusals={"set_plans": Refused(code="x", detail="too soon")})
    await short.run("prices/raise")
    assert [one["notice_days"] for one in short.done("set_plans")] == [7]
    assert (await company(3).run("prices/hold")).done("set_plans") == []
    cheaper = MadeUpCompany(3, refusals={"set_plans": Refused(code="x", detail="too soon")})
    await cheaper.run("discount/cut")
    assert cheaper.done("set_plans") == [{"price_per_seat": {"team": 10_200_000}, "notice_days": 0}]
    assert (await company(3).run("discount/hold")).done("set_plans") == []


async def test_what_old_instances_bore_is_no_measure_of_new_ones() -> None:
    def load(company: MadeUpCompany) -> None:
        company.utilisation = 6 / len(company.instances)  # as the hour before was: of two, in the first turn
        company.instances = {f"i_{number}": "ready" for number in range(1, 13)}

    assert (await MadeUpCompany(6, each_hour=load).run("headroom/tight")).done("scale") == []


async def test_hosting_is_written_down_committed_and_applied_once() -> None:
    made = MadeUpCompany(3, refusals={"apply": Refused(code="x", detail="a key is wrong")})
    policy = find_policy("one-or-several/one", infra="[instances]\ncount = 1\n")
    assert policy.keywords == {"infra": "[instances]\ncount = 1\n"}  # type: ignore[attr-defined]
    made._advance()
    from agents.operator.service import operator_service

    await operator_service("one-or-several/one", (), "[instances]\ncount = 1\n").run(made)  # type: ignore[arg-type]
    assert [one["content"] for one in made.done("write_file")] == ["[instances]\ncount = 1\n"]
    assert made.done("apply") == [{"ref": "HEAD"}]
    assert any("git commit" in one["command"] for one in made.done("bash"))


def test_two_ways_to_build_get_other_patches() -> None:
    chance = Chance(1)
    quick, lasting = (work_for(f"build/{way}", "tracker", (), 4, chance) for way in ("quick", "lasting"))
    assert {one.kind for one in (*quick, *lasting)} == {"request"}
    patches = {one.defect: one.patch for one in quick}
    both = [one for one in lasting if one.defect in patches]
    assert both[0].defect == quick[0].defect == lasting[0].defect  # later ones may not go with the earlier ones
    assert any(one.patch != patches[one.defect] for one in both)
    assert work_for("abuse/block", "tracker", (), 4, chance) == ()


def test_an_unknown_manner_is_told() -> None:
    assert "order/repair-first" in MANNERS
    with pytest.raises(UnknownPolicy, match="order/neither"):
        find_policy("order/neither")
