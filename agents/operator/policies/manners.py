"""Two ways to answer one question of ownership, all else being equal: what `concern taste` compares.

A manner is called `question/option`. Both ways of a question are correct and neither is lazy; which one earns more depends on
the company. Questions of hosting are the catalog's choices, whose file comes from outside.
"""

from collections.abc import Callable, Mapping, Sequence

from agents.operator.duties import Duty, attend
from agents.operator.duties.abusers import BlockAbusers
from agents.operator.duties.decisions import DecideHosting, DecidePrices, Later
from agents.operator.duties.incidents import TellIncidents
from agents.operator.duties.instances import BUSY, TARGET, KeepInstances
from agents.operator.duties.repairs import DeployFixes, Fix
from agents.operator.duties.tickets import AnswerTickets
from agents.operator.tools import Tools
from bus.simtime import DAY, HOUR, SimTime

Duties = tuple[Duty, ...]
FIRST = SimTime(3 * DAY)
"""How long what comes first is alone."""
PLENTY, TIGHT = (0.5, 0.4), (0.95, 0.9)
"""Utilisation above which instances are added, and for which they are counted, by who keeps room and by who fills them."""
RAISED = 120
"""Per cent of the old prices after a raise."""
CUT = 85
"""The same after a cut."""


def _keep_instances(busy: float = BUSY, target: float = TARGET) -> Duty:
    """From the second turn on: what is measured in the first one is the load of instances that a decision may have changed."""
    return Later(KeepInstances(busy=busy, target=target), SimTime(HOUR))


def usual(*more: Duty, keep: tuple[float, float] = (BUSY, TARGET)) -> Duties:
    """What the reactive operator does, with something before it."""
    tickets = AnswerTickets()
    return (*more, _keep_instances(*keep), tickets, TellIncidents(tickets), BlockAbusers())


def _refund_first(fixes: Sequence[Fix]) -> Duties:
    return (*usual(), Later(DeployFixes(fixes), FIRST))


def _repair_first(fixes: Sequence[Fix]) -> Duties:
    tickets = AnswerTickets()
    talk = (Later(tickets, FIRST), Later(TellIncidents(tickets), FIRST))
    return (_keep_instances(), DeployFixes(fixes), *talk, BlockAbusers())


def _close_holes(fixes: Sequence[Fix]) -> Duties:
    tickets = AnswerTickets()
    holes = [fix for fix in fixes if fix.kind == "security"]
    return (_keep_instances(), DeployFixes(holes), tickets, TellIncidents(tickets))


MANNERS: Mapping[str, Callable[[Sequence[Fix]], Duties]] = {
    "order/refund-first": _refund_first,
    "order/repair-first": _repair_first,
    "abuse/block": lambda fixes: usual(),
    "abuse/fix": _close_holes,
    "build/quick": lambda fixes: usual(DeployFixes(fixes)),
    "build/lasting": lambda fixes: usual(DeployFixes(fixes)),
    "headroom/plenty": lambda fixes: usual(keep=PLENTY),
    "headroom/tight": lambda fixes: usual(keep=TIGHT),
    "prices/raise": lambda fixes: usual(DecidePrices(RAISED)),
    "prices/hold": lambda fixes: usual(),
    "discount/cut": lambda fixes: usual(DecidePrices(CUT)),
    "discount/hold": lambda fixes: usual(),
}
"""By `question/option`. The two ways to build differ in what they are given (`catalog/builds.py`)."""


async def mannered(tools: Tools, name: str, fixes: Sequence[Fix]) -> None:
    """Operate in a manner."""
    await attend(tools, MANNERS[name](fixes))


async def hosted(tools: Tools, infra: str) -> None:
    """Operate as the reactive operator does, on another hosting."""
    await attend(tools, usual(DecideHosting(infra)))
