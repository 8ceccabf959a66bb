"""The scripted policies by name. Each is a yardstick: what the business earns under an operator that does so much."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from agents.operator.duties import attend
from agents.operator.duties.abusers import BlockAbusers
from agents.operator.duties.incidents import TellIncidents
from agents.operator.duties.instances import KeepInstances
from agents.operator.duties.repairs import DeployFixes, Fix
from agents.operator.duties.tickets import AnswerTickets
from agents.operator.policies.manners import MANNERS, hosted, mannered
from agents.operator.tools import Tools
from bus.simtime import SimTime

Policy = Callable[[Tools], Awaitable[None]]
"""Operates until `EpisodeOver`, or returns early: then time passes without it."""

FOREVER = SimTime(10**15)
"""Simulated milliseconds: beyond the horizon of any scenario."""


class UnknownPolicy(ValueError):
    """No policy has that name; the text lists those there are."""


async def noop(tools: Tools) -> None:
    """Does nothing at all."""
    await tools.begin()
    while True:
        await tools.wait(until=FOREVER)


async def restarter(tools: Tools) -> None:
    """Keeps instances running and follows the load, up and down; nothing else."""
    await attend(tools, (KeepInstances(trims=True),))


async def reactive(tools: Tools) -> None:
    """Also answers every ticket truthfully, refunds what was charged twice, blocks abusers, and tells incidents."""
    tickets = AnswerTickets()
    await attend(tools, (KeepInstances(trims=True), tickets, TellIncidents(tickets), BlockAbusers()))


async def oracle(tools: Tools, fixes: Sequence[Fix]) -> None:
    """Also deploys what it knows, one by one: reference fixes of the planted defects, and what customers wish for."""
    tickets = AnswerTickets()
    duties = (KeepInstances(trims=True), DeployFixes(fixes), tickets, TellIncidents(tickets), BlockAbusers())
    await attend(tools, duties)


@dataclass(frozen=True)
class Script:
    """A scripted policy, as people choose it."""

    does: str
    """In one line."""
    made: Callable[[Sequence[Fix]], Policy]
    """Makes the policy, given what is known of the catalog, which only the last two take."""


POLICIES: Mapping[str, Script] = {
    "noop": Script("does nothing", lambda fixes: noop),
    "restarter": Script("restarts, rolls back and scales on alerts", lambda fixes: restarter),
    "reactive": Script("also answers customers, refunds what is owed, blocks abusers", lambda fixes: reactive),
    "hasty": Script(
        "also deploys the reference fixes, and builds what is wished for the quick way",
        lambda fixes: partial(oracle, fixes=tuple(fixes)),
    ),
    "oracle": Script(
        "also deploys the reference fixes, and builds what is wished for to last",
        lambda fixes: partial(oracle, fixes=tuple(fixes)),
    ),
}
"""By name, from the least to the most that is done."""


def find_policy(name: str, fixes: Sequence[Fix] = (), infra: str | None = None) -> Policy:
    """The policy of that name, or `UnknownPolicy`. `infra` is the hosting of a `choice/option` of the catalog."""
    if infra is not None:
        return partial(hosted, infra=infra)
    if name in MANNERS:
        return partial(mannered, name=name, fixes=tuple(fixes))
    if name not in POLICIES:
        raise UnknownPolicy(f"there is no operator {name!r}; choose one of: {', '.join(POLICIES)}")
    return POLICIES[name].made(fixes)
