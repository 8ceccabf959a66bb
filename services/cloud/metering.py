"""The end of a tick's traffic: how everybody was served, what it cost, and what is wrong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bus.context import Step
from bus.ids import derive_id
from bus.messages.base import Delivered
from bus.messages.cloud import AlertCleared, AlertRaised, ServiceMeasured, UsageMetered
from bus.messages.users import LoadOffered
from bus.simtime import HOUR, MINUTE, SECOND, SimTime
from services.cloud.fleet import Killed, Member
from services.cloud.hosting import Hosting
from services.cloud.machines import failures
from services.cloud.model import Signs, Used, alerts, coarse, usage
from services.cloud.queueing import Capacity, KindDemand, Served, assess, memory_mb

SPEED = {"small": 1, "medium": 2, "large": 4}
"""Each size's speed in small instances, as their default prices are."""


@dataclass
class Outage:
    """What did not serve in this tick."""

    down: list[str] = field(default_factory=list[str])
    out_of_memory: list[str] = field(default_factory=list[str])
    lost_ms: list[int] = field(default_factory=list[int])
    """For each member that was down, how long."""


class Metering:
    """Closes the traffic of each tick."""

    def __init__(self, hosting: Hosting, demand: dict[str, KindDemand]) -> None:
        self.hosting = hosting
        self._demand = demand

    async def close(self, step: Step) -> None:
        """Assess the load that the users told of, and say how it was served."""
        hosting = self.hosting
        offered = offered_requests(step.messages)
        outage = await self._outage(step, offered)
        served = self._serve(offered, outage)
        members = len(hosting.fleet.members)
        available = 1 - min(outage.lost_ms) / HOUR if len(outage.lost_ms) >= members > 0 else 1.0 if members else 0.0
        measured = ServiceMeasured(
            tick=step.tick,
            release=hosting.live.release if hosting.live else None,
            instances=members - len(outage.lost_ms),
            available=round(available, 6),
            utilisation=served.utilisation,
            database=served.database,
            latency_ms=served.latency_ms,
            timed_out=served.timed_out,
        )
        await hosting.ctx.say(measured)
        answers = hosting.edge.take_answers()
        hosting.relay.collect(step.now)
        storage = hosting.driver.data_bytes()
        await self._bill(step.tick, sum(offered.values()), sum(answers.values()), storage)
        await self._alert(answers, outage, served, storage, step.now)
        hosting.edge.log.flush()

    def _serve(self, offered: Counter[str], outage: Outage) -> Served:
        hosting, state = self.hosting, self.hosting.state
        prices = hosting.ctx.world.scenario.cloud
        desired = state.desired
        capacity = Capacity(
            instances=len(hosting.fleet.members) - sum(outage.lost_ms) / HOUR,
            share=prices.instance_share * SPEED[desired.instances.size],
            policy=desired.balancer.policy,
            database=desired.database.plan,
        )
        ratio = hosting.profile.ratio if hosting.profile else {}
        load = {kind: round(count * prices.load_scale) for kind, count in offered.items()}
        served = assess(load, self._demand, ratio, capacity, backlog_s=state.backlog_s, seconds=HOUR / SECOND)
        state.backlog_s, state.utilisation, state.database = served.backlog_s, served.utilisation, served.database
        return served

    async def _outage(self, step: Step, offered: Counter[str]) -> Outage:
        """Tell of crashes, and kill members whose machine fails or whose memory has grown beyond their size."""
        hosting, now = self.hosting, step.now
        world, outage = hosting.ctx.world, Outage()
        machines = failures(
            world.chance.python("cloud", "machines", step.tick),
            len(hosting.fleet.members),
            world.scenario.cloud.machine_days,
        )
        up = sum(one.up for one in hosting.fleet.members)
        crashed = await hosting.fleet.told_crashes()
        for member in crashed:
            outage.down.append(f"{member.name} crashed")
            outage.lost_ms.append(min(hosting.down(member, now), HOUR))
        for place, member in enumerate(hosting.fleet.members):
            if member in crashed:
                continue
            if not member.up:
                outage.down.append(f"{member.name} is down")
                outage.lost_ms.append(HOUR)
            elif place in machines:
                outage.down.append(f"{member.name} lost its machine")
                outage.lost_ms.append(await self._kill(member, now, "crashed", machines[place]))
            elif self._memory(member, offered, up) > world.scenario.cloud.instance_memory_mb[member.size]:
                outage.out_of_memory.append(member.name)
                minutes = world.scenario.cloud.restart_minutes
                outage.lost_ms.append(await self._kill(member, now, "out_of_memory", minutes))
        return outage

    async def _kill(self, member: Member, now: SimTime, state: Killed, minutes: int) -> int:
        """End a member that comes back by itself after some minutes; the milliseconds of this hour that it takes."""
        await self.hosting.fleet.kill(member, state)
        self.hosting.revive_later(member, now, minutes)
        return min(minutes * MINUTE, HOUR)

    def _memory(self, member: Member, offered: Counter[str], up: int) -> int:
        for kind, count in offered.items():
            member.served[kind] = member.served.get(kind, 0.0) + count / up
        return self.memory_mb(member)

    def memory_mb(self, member: Member) -> int:
        """A member's memory now, in MiB, as its size counts it."""
        return memory_mb(member.served, self.hosting.profile.leak_bytes if self.hosting.profile else {})

    async def _bill(self, tick: int, offered: int, executed: int, storage: int) -> None:
        hosting, state = self.hosting, self.hosting.state
        sent = hosting.edge.take_bytes()
        if executed:
            state.body_bytes = coarse(sent / executed, state.body_bytes)
        used = Used(
            members=len(hosting.fleet.members),
            egress_bytes=round(offered * state.body_bytes),
            storage_bytes=storage,
            backup_bytes=sum(backup.bytes for backup in state.backups),
            mails=hosting.relay.metered(),
        )
        lines = usage(used, state.desired, hosting.ctx.world.scenario.cloud)
        await hosting.ctx.say(UsageMetered(tick=tick, lines=lines))

    async def _alert(self, answers: Counter[str], outage: Outage, served: Served, storage: int, now: SimTime) -> None:
        hosting, state = self.hosting, self.hosting.state
        refused = hosting.edge.log.refused(now)
        failed, hosting.failed_jobs = hosting.failed_jobs, []
        slowest = max(served.latency_ms.items(), key=lambda item: (item[1], item[0]), default=("", 0.0))
        signs = Signs(
            answers=answers,
            down=tuple(outage.down),
            out_of_memory=tuple(outage.out_of_memory),
            utilisation=served.utilisation,
            database=served.database,
            slowest=slowest,
            refused=(refused[0][0], refused[0][1]) if refused else ("", 0),
            storage_bytes=storage,
            failed_jobs=tuple(failed),
        )
        wrong = alerts(signs, state.desired)
        for kind in [kind for kind in state.alerts if kind not in wrong]:
            await hosting.ctx.say(AlertCleared(alert=state.alerts.pop(kind), kind=kind))
        for kind, detail in wrong.items():
            if kind not in state.alerts:
                state.raised += 1
                alert = state.alerts[kind] = derive_id("a", "alert", state.raised)
                await hosting.ctx.say(AlertRaised.model_validate({"alert": alert, "kind": kind, "detail": detail}))


def offered_requests(messages: Iterable[Delivered]) -> Counter[str]:
    """Requests by kind of work, summed over all user agents."""
    total: Counter[str] = Counter()
    for message in messages:
        if isinstance(message.event, LoadOffered):
            total.update(message.event.requests)
    return total
