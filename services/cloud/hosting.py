"""The hosting of one world: simulated time passes, and deploys, restarts and scheduled jobs fall due in its order."""

from collections import deque
from dataclasses import dataclass, field

import anyio

from bus.context import Context
from bus.messages.cloud import DemandProfiled, JobEnded, ReleaseBuilt, ReleaseFailed, ReleaseLive
from bus.simtime import MINUTE, SimTime, calendar
from services.cloud.demand import Profiler
from services.cloud.driver import Driver, Ended
from services.cloud.edge.edge import Edge
from services.cloud.edge.policy import Balancer, Firewall, RateLimit
from services.cloud.errors import ProductError
from services.cloud.fleet import Fleet, Member, Software
from services.cloud.infra import INFRA_PATH, InfraError, parse
from services.cloud.mail import Relay
from services.cloud.model import CloudJob, State, backoff, due_runs


@dataclass
class Hosting:
    """Everything of one world's cloud that changes. `lock` is held by whoever changes it."""

    ctx: Context
    driver: Driver
    edge: Edge
    fleet: Fleet
    state: State
    profiler: Profiler
    relay: Relay
    live: Software | None = None
    previous: Software | None = None
    profile: DemandProfiled | None = None
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    failed_jobs: list[str] = field(default_factory=list[str])
    """Scheduled jobs whose exit status said so, since the last metering."""

    async def begin(self, ref: str) -> None:
        """The company's state when the episode starts: a ref is live. ProductError if it does not run."""
        software = await self.software(ref)
        await self._migrate(software)
        await self._switch(software)
        self.apply_edge()
        await self._went_live(software, None)

    def moment(self, at: SimTime) -> None:
        """Tell the product what time it is."""
        self.driver.set_clock(calendar(self.ctx.world.scenario.world.start, at))

    def drain(self, at: SimTime) -> None:
        """Let out what the product has sent to the outside."""
        self.driver.egress.drain(calendar(self.ctx.world.scenario.world.start, at))

    async def advance(self, now: SimTime) -> None:
        """Do all that falls due up to a moment."""
        state = self.state
        runs = deque(due_runs(state.desired.job, state.looked_at, now))
        state.looked_at = max(state.looked_at, now)
        while True:
            work = next((job for job in state.waiting() if job.ready_at <= now), None)
            revival = min(((at, name) for name, at in state.revive_at.items() if at <= now), default=None)
            never = SimTime(now + 1)
            at_work = work.ready_at if work else never
            at_revival = revival[0] if revival else never
            at_run = runs[0][0] if runs else never
            at = min(at_work, at_revival, at_run)
            if at == never:
                break
            self.moment(at)
            if work and at == at_work:
                await self._work(work)
            elif revival and at == at_revival:
                await self._revive(revival[1], at)
            else:
                _, job = runs.popleft()
                await self._run(job.name, job.command, at)
        self.moment(now)

    async def software(self, ref: str) -> Software:
        """Build a ref and read how it wants to be run. ProductError("build") says what is wrong."""
        release = await self.driver.build(ref)
        try:
            infra = parse(await self.driver.show(ref, INFRA_PATH))
        except InfraError as error:
            raise ProductError("build", str(error)) from error
        await self.ctx.say(ReleaseBuilt(release=release.id, commit=release.commit, files=release.files))
        return Software(release.id, release.commit, infra.app, infra.health, infra.migrate.command)

    def apply_edge(self) -> None:
        """Make the edge follow the desired state."""
        desired = self.state.desired
        self.edge.firewall = Firewall(self.state.rules())
        self.edge.body_bytes = desired.limits.body_bytes
        if self.edge.limit.per_minute != desired.limits.requests_per_minute:
            self.edge.limit = RateLimit(desired.limits.requests_per_minute)
        if self.edge.balancer.policy != desired.balancer.policy:
            self.edge.balancer = Balancer(desired.balancer.policy)

    async def resize(self) -> None:
        """Bring the fleet to the desired number and size. ProductError leaves what runs."""
        assert self.live is not None
        wanted = self.state.desired.instances
        if any(member.size != wanted.size for member in self.fleet.members):
            await self._switch(self.live)
            return
        while len(self.fleet.members) < wanted.count:
            await self.fleet.serve(await self.fleet.start(self.live, wanted.size))
        while len(self.fleet.members) > wanted.count:
            member = self.fleet.members[-1]
            self.state.revive_at.pop(member.name, None)
            await self.fleet.retire(member)

    async def restart(self, members: list[Member]) -> None:
        """Replace members one after the other; ProductError leaves the rest as they are."""
        for member in members:
            fresh = await self.fleet.start(member.software, member.size)
            await self.fleet.serve(fresh)
            self.state.revive_at.pop(member.name, None)
            await self.fleet.retire(member)

    def down(self, member: Member, at: SimTime) -> int:
        """Plan the restart of a member that went down; its back-off in milliseconds."""
        delay = backoff(member.restarts, self.ctx.world.scenario.cloud.restart_minutes)
        self.state.revive_at[member.name] = SimTime(at + delay)
        return delay

    def revive_later(self, member: Member, now: SimTime, minutes: int) -> None:
        """Plan the start of a member that we stopped ourselves."""
        self.state.revive_at[member.name] = SimTime(now + minutes * MINUTE)

    async def _work(self, job: CloudJob) -> None:
        """Carry out a deploy or rollback; the job tells how it went."""
        try:
            if job.kind == "rollback":
                if self.previous is None:
                    raise ProductError("start", "there is no release to go back to")
                software = self.previous
            else:
                software = await self.software(job.commit)
                await self._migrate(software)
            await self._switch(software)
        except ProductError as error:
            job.state, job.detail = "failed", f"{error.step}: {error.detail}"
            commit = job.commit or (self.previous.commit if self.previous else "")
            failed = ReleaseFailed(commit=commit, step=error.step, detail=error.detail[:4000], job=job.id)
            await self.ctx.say(failed, at=job.ready_at)
            return
        job.state, job.detail = "succeeded", f"{software.release} is live"
        await self._went_live(software, job)

    async def _went_live(self, software: Software, job: CloudJob | None) -> None:
        self.previous, self.live = self.live, software
        event = ReleaseLive(
            release=software.release,
            commit=software.commit,
            previous=self.previous.release if self.previous else None,
            rolled_back=job is not None and job.kind == "rollback",
            job=job.id if job else None,
        )
        await self.ctx.say(event, at=job.ready_at if job else None)
        self.profile = await self.profiler.profile(software)
        await self.ctx.say(self.profile, at=job.ready_at if job else None)

    async def _migrate(self, software: Software) -> None:
        if software.migrate is None:
            return
        ended = await self.driver.run(f"migrate-{software.release}", software.release, software.migrate, software.app)
        if ended.code != 0:
            raise ProductError("migrate", f"exit status {ended.code}\n{ended.detail}")

    async def _switch(self, software: Software) -> None:
        wanted = self.state.desired.instances
        await self.fleet.replace(software, wanted.size, wanted.count)
        self.state.revive_at.clear()

    async def _revive(self, name: str, at: SimTime) -> None:
        del self.state.revive_at[name]
        member = next((one for one in self.fleet.members if one.name == name), None)
        if member is None or member.up:
            return
        try:
            await self.fleet.revive(member)
        except ProductError:
            self.down(member, at)

    async def _run(self, name: str, command: tuple[str, ...], at: SimTime) -> None:
        if self.live is None:
            return
        try:
            ended = await self.driver.run(f"job-{name}", self.live.release, command, self.live.app, loaded=True)
        except ProductError as error:
            ended = Ended(-1, error.detail)
        self.drain(at)
        if ended.code != 0:
            self.failed_jobs.append(f"{name} exited with {ended.code}")
        await self.ctx.say(JobEnded(job=name, exit_code=ended.code, detail=ended.detail[-1000:]), at=at)
