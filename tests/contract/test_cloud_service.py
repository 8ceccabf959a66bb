"""The cloud on a bus: deploys, rollbacks, scaling, jobs, usage and alerts of a tiny product."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from cloud_client import Client
from cloud_product import Repository
from scripted_world import ScriptedWorld, make_world, player

from bus.context import Context
from bus.messages import cloud as c
from bus.messages.base import Done, Refused
from bus.messages.users import LoadOffered
from bus.simtime import HOUR, MINUTE, SimTime
from services.cloud.service import service

pytestmark = pytest.mark.anyio


USERS = player("users", publishes=(LoadOffered,))
GATEWAY = player("gateway", asks=tuple(service.serves))


E = TypeVar("E")


@dataclass
class Company:
    world: ScriptedWorld
    repository: Repository
    users: Context
    gateway: Context
    clients: dict[str, Client] = field(default_factory=dict[str, Client])

    def client(self, address: str = "198.51.100.7") -> Client:
        """The client at an address; one connection each, closed with the company."""
        if address not in self.clients:
            self.clients[address] = Client(str(self.world.world.root / "cloud" / "edge.sock"), address)
        return self.clients[address]

    async def open(self, tick: int) -> None:
        await self.world.stage("cloud", tick, 0, "traffic")

    async def close(self, tick: int, **requests: int) -> None:
        if requests:
            await self.users.say(LoadOffered(tick=tick, requests=requests))
        await self.world.stage("cloud", tick, 3, "traffic")

    def at(self, hours: float) -> None:
        self.gateway.now = SimTime(int(hours * HOUR))

    def said(self, kind: type[E]) -> list[E]:
        return [event for event in self.world.said("cloud") if isinstance(event, kind)]


@asynccontextmanager
async def company(folder: Path, **sections: dict[str, Any]) -> AsyncGenerator[Company]:
    repository = Repository(folder / "workspace")
    world = make_world(folder, **sections)
    async with world.role(USERS) as users, world.role(GATEWAY) as gateway, world.running(service):
        made = Company(world, repository, users, gateway)
        try:
            yield made
        finally:
            for client in made.clients.values():
                await client.close()


async def test_deploy_takes_simulated_minutes_and_rollback_goes_back(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        assert (await it.client().get("/")).text == "one 198.51.100.7"
        first = it.said(c.ReleaseLive)[0].release
        it.repository.change('"one"', '"two"')
        it.at(0.5)
        ticket = await it.gateway.ask(c.Deploy())
        assert isinstance(ticket, c.JobTicket)
        assert ticket.ready_at == SimTime(HOUR // 2 + 6 * MINUTE)
        waiting = await it.gateway.ask(c.AskJob(job=ticket.job))
        assert isinstance(waiting, c.JobState)
        assert waiting.state == "running"
        assert (await it.client().get("/")).text.startswith("one")
        it.gateway.now = ticket.ready_at
        done = await it.gateway.ask(c.AskJob(job=ticket.job))
        assert isinstance(done, c.JobState)
        assert done.state == "succeeded", done.detail
        assert (await it.client().get("/")).text.startswith("two")

        assert isinstance(await it.gateway.ask(c.Rollback()), c.JobTicket)
        await it.open(1)
        assert (await it.client().get("/")).text.startswith("one")
        live = it.said(c.ReleaseLive)[-1]
        assert live.release == first
        assert live.rolled_back


@pytest.mark.parametrize(
    ("path", "old", "new", "step"),
    [
        ("hello/__main__.py", "def migrate():", "def migrate():\n    sys.exit(3)", "migrate"),
        ("hello/__main__.py", "def serve():", "def serve():\n    raise RuntimeError('no')", "start"),
        ("hello/__main__.py", 'web.get("/healthz", hello)', 'web.get("/healthy", hello)', "health"),
        ("deploy/infra.toml", "[health]", "[helth]", "build"),
    ],
)
async def test_a_failing_deploy_leaves_the_old_release_serving_and_says_why(
    tmp_path: Path, path: str, old: str, new: str, step: str
) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        it.repository.change(old, new, path=path)
        ticket = await it.gateway.ask(c.Deploy())
        assert isinstance(ticket, c.JobTicket)
        await it.open(1)
        failed = it.said(c.ReleaseFailed)
        assert [event.step for event in failed] == [step]
        assert failed[0].detail
        assert len(it.said(c.ReleaseLive)) == 1
        assert (await it.client().get("/")).text.startswith("one")


async def test_two_deploys_follow_each_other(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        it.repository.change('"one"', '"two"')
        first = await it.gateway.ask(c.Deploy())
        it.repository.change('"two"', '"three"')
        second = await it.gateway.ask(c.Deploy())
        assert isinstance(first, c.JobTicket)
        assert isinstance(second, c.JobTicket)
        assert second.ready_at == first.ready_at + 6 * MINUTE
        await it.open(1)
        assert (await it.client().get("/")).text.startswith("three")
        assert len(it.said(c.ReleaseLive)) == 3


async def test_no_such_ref_is_refused(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        for ref in ("nowhere", "--upload-pack=x", "HEAD; id"):
            answer = await it.gateway.ask(c.Deploy(ref=ref))
            assert isinstance(answer, Refused)
            assert answer.code == "build_failed"


async def test_scheduled_jobs_run_at_simulated_times(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        await it.open(3)
        ended = it.said(c.JobEnded)
        assert [event.detail.splitlines()[-1] for event in ended] == [
            f"digest at 2026-03-02T0{hour}:00" for hour in (1, 2, 3)
        ]
        assert (await it.client().get("/clock")).text == "2026-03-02T03:00"


async def test_a_job_fails_only_by_its_exit_status(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        it.repository.change("def job():", "def job():\n    sys.exit(5)")
        await it.gateway.ask(c.Deploy())
        await it.open(1)
        await it.close(1, read=10)
        assert it.said(c.JobEnded)[-1].exit_code == 5
        assert [(event.kind, event.detail) for event in it.said(c.AlertRaised)] == [
            ("job_failed", "digest exited with 5")
        ]


async def test_usage_load_and_alerts(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        await it.client().get("/")
        await it.close(0, read=20_000)
        measured = it.said(c.ServiceMeasured)[0]
        assert measured.instances == 2
        assert measured.available == 1
        assert 0.2 < measured.utilisation < 0.3
        lines = {line.item: line.cost for line in it.said(c.UsageMetered)[0].lines}
        assert lines["instances"] == 2 * 90_000
        assert lines["database"] == 72_000
        assert lines["egress"] > 0
        await it.open(1)
        await it.close(1, read=900_000)
        assert it.said(c.ServiceMeasured)[1].timed_out > 0.5
        assert [event.kind for event in it.said(c.AlertRaised)] == ["overload", "slow"]
        await it.open(2)
        await it.close(2, read=100)
        assert sorted(event.kind for event in it.said(c.AlertCleared)) == ["overload", "slow"]


async def test_a_crashed_instance_is_told_and_comes_back(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        assert (await it.client().get("/crash")).status == 502
        assert (await it.client().get("/")).status == 200
        await it.close(0, read=10)
        assert it.said(c.InstanceChanged)[-1].state == "crashed"
        assert it.said(c.AlertRaised)[-1].kind == "instance_down"
        assert it.said(c.ServiceMeasured)[-1].available == 1
        await it.open(1)
        assert it.said(c.InstanceChanged)[-1].state == "ready"
        listed = await it.gateway.ask(c.AskInstances())
        assert isinstance(listed, c.InstanceList)
        assert sorted(one.restarts for one in listed.instances) == [0, 1]
        await it.close(1, read=10)
        assert [event.kind for event in it.said(c.AlertCleared)] == ["instance_down"]


async def test_a_machine_that_fails_takes_its_instance_down_until_it_is_back_or_somebody_restarts_it(
    tmp_path: Path,
) -> None:
    async with company(tmp_path, cloud={"machine_days": 0.001}) as it:  # every machine, every hour
        await it.open(0)
        assert (await it.client().get("/")).status == 200
        await it.close(0, read=10)
        lost = it.said(c.InstanceChanged)[-2:]
        assert [one.state for one in lost] == ["crashed", "crashed"]
        assert "lost its machine" in it.said(c.AlertRaised)[-1].detail
        available = it.said(c.ServiceMeasured)[-1].available
        assert available < 1  # both at once, until the first is back
        it.at(0.5)
        for one in lost:
            assert isinstance(await it.gateway.ask(c.Restart(instance=one.instance)), Done)
        last = {one.instance: one.state for one in it.said(c.InstanceChanged)}
        assert [last[one.instance] for one in lost] == ["stopped", "stopped"]
        assert list(last.values()).count("ready") == 2
        await it.open(1)
        assert (await it.client().get("/")).status == 200


async def test_who_waits_has_the_instance_back_when_its_machine_is(tmp_path: Path) -> None:
    async with company(tmp_path, cloud={"machine_days": 0.001}) as it:
        await it.open(0)
        await it.close(0, read=10)
        assert [one.state for one in it.said(c.InstanceChanged)[-2:]] == ["crashed", "crashed"]
        await it.open(3 * 24)  # no machine is away for longer
        assert [one.state for one in it.said(c.InstanceChanged)[-2:]] == ["ready", "ready"]
        assert (await it.client().get("/")).status == 200


async def test_scale_plan_and_apply(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        scaled = await it.gateway.ask(c.Scale(count=3))
        assert isinstance(scaled, c.InfraPlan)
        assert [change.cost_per_month for change in scaled.changes] == [730 * 90_000]
        await it.close(0, read=10)
        assert it.said(c.ServiceMeasured)[-1].instances == 3
        it.repository.change("count = 2", "count = 1", path="deploy/infra.toml")
        planned = await it.gateway.ask(c.Plan())
        assert isinstance(planned, c.InfraPlan)
        assert [change.cost_per_month for change in planned.changes] == [-2 * 730 * 90_000]
        assert await it.gateway.ask(c.Apply()) == planned
        listed = await it.gateway.ask(c.AskInstances())
        assert isinstance(listed, c.InstanceList)
        assert len(listed.instances) == 1
        assert (await it.client().get("/")).status == 200
        assert isinstance(await it.gateway.ask(c.Scale(count=0)), Refused)


async def test_secrets_are_in_the_environment_from_the_next_start_on(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        it.repository.change('VERSION = "one"', 'VERSION = os.environ.get("GREETING", "one")')
        await it.gateway.ask(c.Deploy())
        await it.close(0, read=10)
        await it.open(1)
        named = await it.gateway.ask(c.Secrets(keep={"GREETING": "hush {data}", "HELLO_SOCKET": "elsewhere"}))
        assert named == c.SecretNames(names=("GREETING", "HELLO_SOCKET"))
        assert (await it.client().get("/")).text.startswith("one ")
        assert await it.gateway.ask(c.Restart()) == Done(), "what the product itself sets wins"
        assert (await it.client().get("/")).text.startswith("hush {data} ")
        unknown = await it.gateway.ask(c.Secrets(forget=("NOTHING",)))
        assert isinstance(unknown, Refused)
        assert "there are: GREETING, HELLO_SOCKET" in unknown.detail
        many = await it.gateway.ask(c.Secrets(keep={f"S_{number}": "x" for number in range(50)}))
        assert isinstance(many, Refused)
        assert await it.gateway.ask(c.Secrets(forget=("GREETING",))) == c.SecretNames(names=("HELLO_SOCKET",))
        await it.gateway.ask(c.Restart())
        assert (await it.client().get("/")).text.startswith("one ")
    said = "".join(event.model_dump_json() for event in it.world.said("cloud"))
    assert "hush" not in said


async def test_backup_and_restore(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        await it.client().send("POST", "/note", b"text=kept", Content_Type="application/x-www-form-urlencoded")
        backup = await it.gateway.ask(c.MakeBackup())
        assert isinstance(backup, c.Backup)
        await it.client().send("POST", "/note", b"text=lost", Content_Type="application/x-www-form-urlencoded")
        assert await it.gateway.ask(c.Restore(backup=backup.backup)) == Done()
        assert (await it.client().get("/")).status == 503
        await it.open(1)
        assert (await it.client().get("/")).status == 200
        rows = await it.gateway.ask(c.Sql(statement="select text from note"))
        assert isinstance(rows, c.Text)
        assert rows.text.split() == ["text", "kept", "(1", "rows)"]


async def test_mail_arrives_in_the_middle_of_a_tick(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        await it.client().get("/mail?to=ann@example.com&text=first")
        first = await it.gateway.ask(c.ReadMailbox(address="Ann@example.com"))
        assert isinstance(first, c.Mailbox)
        (mail,) = first.mails
        assert (mail.sender, mail.to, mail.subject) == ("hello@hello.example", "ann@example.com", "Hello")
        assert (mail.text, mail.sent_at) == ("first\n", 0)
        for text in ("second", "third"):
            await it.client().get(f"/mail?to=ann@example.com&text={text}")
        later = await it.gateway.ask(c.ReadMailbox(address="ann@example.com", since=first.cursor))
        assert isinstance(later, c.Mailbox)
        assert [mail.text for mail in later.mails] == ["second\n", "third\n"]
        await it.client().get("/mail?to=nobody")
        await it.close(0, read=10)
        usage = it.said(c.UsageMetered)[-1].lines
        assert [(line.quantity, line.cost) for line in usage if line.item == "mail"] == [(3, 0)]
        metrics = await it.gateway.ask(c.Metrics())
        assert isinstance(metrics, c.Text)
        assert "mail_sent_total 3\n" in metrics.text
        assert "mail_dropped_total 1\n" in metrics.text


async def test_jobs_send_mail_too(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        await it.open(2)
        found = await it.gateway.ask(c.ReadMailbox(address="boss@hello.example"))
        assert isinstance(found, c.Mailbox)
        assert [(mail.text, mail.sent_at) for mail in found.mails] == [("a digest\n", 2 * HOUR)] * 2


async def test_firewall_limits_and_looking(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        for _ in range(60):
            assert (await it.client("203.0.113.9").get("/nothing")).status == 404
        worst = await it.gateway.ask(c.TopRefused())
        assert worst == c.FailedLogins(address=("203.0.113.9",), refused=(60,), answered=(0,))
        blocked = await it.gateway.ask(c.Firewall(block=("203.0.113.0/24",)))
        assert blocked == c.FirewallRules(blocked=("203.0.113.0/24",))
        answer = await it.client("203.0.113.9").get("/")
        assert (answer.status, answer.headers["x-edge-error"]) == (403, "blocked")
        assert (await it.client("203.0.114.9").get("/")).status == 200
        await it.close(0, read=10)
        assert [event.kind for event in it.said(c.AlertRaised)] == ["login_failures"]
        log = await it.gateway.ask(c.AccessLog(address="203.0.113.9", status=403))
        assert isinstance(log, c.Text)
        assert log.text.endswith("edge:blocked")
        assert isinstance(await it.gateway.ask(c.Firewall(block=("nonsense",))), Refused)
        metrics = await it.gateway.ask(c.Metrics())
        assert isinstance(metrics, c.Text)
        assert 'edge_responses{status="blocked"} 1' in metrics.text


async def test_a_deploy_under_traffic_drops_no_request(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        statuses: list[int] = []
        versions: set[str] = set()
        stop = anyio.Event()

        async def user(number: int) -> None:
            client = it.client(f"198.51.100.{number}")
            while not stop.is_set():
                answer = await client.get("/slow")
                statuses.append(answer.status)
                versions.add(answer.text)

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(user, number)
            for old, new in (("one", "two"), ("two", "three")):
                it.repository.change(f'"{old}"', f'"{new}"')
                ticket = await it.gateway.ask(c.Deploy())
                assert isinstance(ticket, c.JobTicket)
                it.gateway.now = ticket.ready_at
                done = await it.gateway.ask(c.AskJob(job=ticket.job))
                assert isinstance(done, c.JobState)
                assert done.state == "succeeded", done.detail
            restarted = await it.gateway.ask(c.Restart())
            assert restarted == Done()
            stop.set()
        assert set(statuses) == {200}
        assert versions == {"one", "two", "three"}
        assert len(statuses) > 30


SENDER = """
import json, os
folder = os.environ["HELLO_EGRESS"]
text = json.dumps({"id": "a-1", "url": "https://hooks.example/in", "method": "POST", "headers": {}, "body": "hi"})
open(folder + "/new/.part", "w").write(text)
os.rename(folder + "/new/.part", folder + "/new/a-1.json")
os.symlink("/etc/passwd", folder + "/new/a-2.json")
"""


async def test_what_a_job_sends_out_is_delivered_and_answered(tmp_path: Path) -> None:
    async with company(tmp_path) as it:
        await it.open(0)
        it.repository.commit({"sender.py": SENDER})
        it.repository.change('"python -m hello job"', '"python -m sender"', path="deploy/infra.toml")
        data = 'HELLO_DATA = "{data}"'
        it.repository.change(data, data + '\nHELLO_EGRESS = "{egress}"', path="deploy/infra.toml")
        it.at(0.1)
        ticket = await it.gateway.ask(c.Deploy())
        assert isinstance(ticket, c.JobTicket)
        it.gateway.now = ticket.ready_at
        await it.gateway.ask(c.Apply())
        it.at(1)
        await it.gateway.ask(c.AskInstances())
        assert [event.exit_code for event in it.said(c.JobEnded)] == [0]
        answer = await it.gateway.ask(c.AskDeliveries(prefix="https://hooks.example/"))
        assert isinstance(answer, c.Deliveries)
        assert [(one.url, one.body, one.status) for one in answer.deliveries] == [
            ("https://hooks.example/in", "hi", 200)
        ]
        done = it.world.world.root / "cloud" / "egress" / "done"
        assert [path.name for path in done.iterdir()] == ["a-1.json"]
