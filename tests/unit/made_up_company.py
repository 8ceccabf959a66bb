"""A gateway made up in memory, for operators: tools answer from a few fields, and turns come hour by hour."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from agents.operator.service import operator_service
from bus.messages.base import Done, Part, Refused
from bus.messages.billing import Account, Finances, InvoiceInfo, Refunded
from bus.messages.cloud import (
    FailedLogins,
    FirewallRules,
    InfraPlan,
    InstanceInfo,
    InstanceList,
    JobState,
    JobTicket,
    Text,
)
from bus.messages.desk import InboxPage, TicketSummary, TicketThread
from bus.messages.gateway import BeginTurn, CallTool, EndTurn, OpenAlert, ToolAnswer, Turn
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime

DOLLAR = 1_000_000


def ticket(name: str, topic: str, customer: str = "c_1", **changes: Any) -> TicketSummary:
    fields: dict[str, Any] = {
        "ticket": name,
        "customer": customer,
        "customer_name": "Acme",
        "topic": topic,
        "subject": "s",
        "state": "open",
        "opened_at": 0,
        "updated_at": 0,
        "messages": 1,
        "reopened": 0,
        "cursor": 0,
    }
    return TicketSummary.model_validate(fields | changes)


def invoice(
    name: str, *, begins: int = 0, ends: int = 30 * DAY, amount: int = 36 * DOLLAR, **changes: Any
) -> InvoiceInfo:
    fields: dict[str, Any] = {
        "invoice": name,
        "customer": "c_1",
        "at": begins,
        "service_from": begins,
        "service_to": ends,
        "amount": amount,
        "refunded": 0,
        "plan": "team",
        "seats": 3,
    }
    return InvoiceInfo.model_validate(fields | changes)


def alert(name: str, kind: str, hour: int = 0) -> OpenAlert:
    return OpenAlert(alert=name, kind=kind, detail=kind, raised_at=SimTime(hour * HOUR))


@dataclass
class MadeUpCompany:
    """Stands where the operator's context would: `ask` answers like the gateway."""

    hours: int
    each_hour: Callable[["MadeUpCompany"], None] = lambda company: None
    """Called when an hour begins."""
    hour: int = -1
    alerts: list[OpenAlert] = field(default_factory=list[OpenAlert])
    instances: dict[str, str] = field(default_factory=lambda: {"i_1": "ready", "i_2": "ready"})
    """State by name."""
    utilisation: float = 0.4
    database: float = 0.1
    price_notice_days: int = 30
    release: str = "r_1"
    previous: str | None = None
    jobs: dict[str, JobState] = field(default_factory=dict[str, JobState])
    changes: int = 0
    tickets: list[TicketSummary] = field(default_factory=list[TicketSummary])
    invoices: list[InvoiceInfo] = field(default_factory=list[InvoiceInfo])
    refused: FailedLogins = FailedLogins(address=(), refused=(), answered=())
    access_log: str = ""
    bash: Callable[[str], int] = lambda command: 0
    """Exit code of a command."""
    calls: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list[tuple[int, str, dict[str, Any]]])
    """Hour, tool and arguments of every call."""
    refusals: dict[str, Refused] = field(default_factory=dict[str, Refused])
    """Tools that refuse."""
    waits: list[EndTurn] = field(default_factory=list[EndTurn])
    pages: list[str] = field(default_factory=list[str])

    log = structlog.get_logger()

    @property
    def now(self) -> SimTime:
        return SimTime(self.hour * HOUR)

    async def run(self, policy: str, fixes: Any = ()) -> "MadeUpCompany":
        """Let a policy operate to the end."""
        self._advance()
        context: Any = self
        await operator_service(policy, fixes).run(context)
        return self

    def done(self, tool: str) -> list[dict[str, Any]]:
        """Arguments of every call of a tool, or of one of its verbs (see `act`)."""
        return [arguments for _, name, arguments in self.calls if name == tool]

    async def ask(self, command: Any, *, deadline_s: float) -> Part:
        over = self.hour >= self.hours
        if isinstance(command, BeginTurn):
            turn_id = None if over else f"turn_{self.hour}"
            return Turn(
                turn_id=turn_id,
                tick=self.hour,
                sim_time=self.now,
                wake=("tick",),
                seconds_left=3600,
                alerts=tuple(self.alerts),
            )
        if over:
            return Refused(code="episode_over", detail="over")
        if isinstance(command, EndTurn):
            self.waits.append(command)
            self._advance()
            return Done()
        assert isinstance(command, CallTool)
        verb, arguments = act(command)
        self.calls.append((self.hour, verb, arguments))
        reply = self.refusals.get(verb) or getattr(self, f"on_{verb}")(**arguments)
        return ToolAnswer(
            action_id="a_1",
            ok=not isinstance(reply, Refused),
            content=reply if isinstance(reply, str) else reply.model_dump_json(),
            sim_time=self.now,
            seconds_left=60,
        )

    def _advance(self) -> None:
        self.hour += 1
        self.each_hour(self)

    def change(self, name: str, **changes: Any) -> None:
        """Change a ticket, which moves it to the end of the inbox."""
        found = next(one for one in self.tickets if one.ticket == name)
        self.tickets.remove(found)
        self.put(found.model_copy(update=changes))

    def put(self, summary: TicketSummary) -> None:
        """Put a ticket at the end of the inbox."""
        self.changes += 1
        self.tickets.append(summary.model_copy(update={"cursor": self.changes}))

    def on_instances(self) -> Part:
        rows = [
            InstanceInfo(instance=name, release=self.release, size="small", state=state, restarts=0, memory_mb=100)
            for name, state in self.instances.items()
        ]
        return InstanceList(
            instances=tuple(rows),
            release=self.release,
            commit=f"c_{self.release}",
            previous=self.previous,
            utilisation=self.utilisation,
            database=self.database,
        )

    def on_restart(self, instance: str | None) -> Part:
        for name in [instance] if instance else list(self.instances):
            self.instances[name] = "ready"
        return Done()

    def on_scale(self, count: int) -> Part:
        self.instances = {f"i_{number}": "ready" for number in range(1, count + 1)}
        return InfraPlan(changes=(), cost_per_month=Micros(0))

    def on_rollback(self) -> Part:
        self.release, self.previous = self.previous or self.release, None
        return JobTicket(job="back", ready_at=self.now)

    def on_deploy(self, ref: str) -> Part:
        job = f"j_{len(self.jobs) + 1}"
        self.jobs[job] = JobState(job=job, kind="deploy", state="running", detail="", ready_at=self.now)
        return JobTicket(job=job, ready_at=self.now)

    def on_job(self, job: str) -> Part:
        return self.jobs[job]

    def finish(self, job: str, *, ok: bool) -> None:
        """A deploy ends; a good one is live."""
        self.jobs[job] = self.jobs[job].model_copy(update={"state": "succeeded" if ok else "failed"})
        if ok:
            self.release, self.previous = f"r_{job}", self.release

    def on_write_file(self, path: str, content: str) -> str:
        return json.dumps({"path": path, "bytes": len(content)})

    def on_bash(self, command: str) -> str:
        output = f"c_r_j_{len(self.jobs) + 1}\n"  # the commit that the next deploy makes live
        return json.dumps({"exit_code": self.bash(command), "output": output, "timed_out": False, "cut": False})

    def on_inbox(self, cursor: int, limit: int) -> Part:
        later = [one for one in self.tickets if one.cursor > cursor][:limit]
        following = later[-1].cursor if later else cursor
        return InboxPage(tickets=tuple(later), next_cursor=following, open=0)

    def on_reply(self, ticket: str, body: str) -> Part:
        self.change(ticket, state="answered")
        return TicketThread(summary=self.tickets[-1], thread=())

    def on_account(self, customer: str) -> Part:
        own = tuple(one for one in self.invoices if one.customer == customer)
        return Account(customer=customer, name="Acme", plan="team", seats=3, state="active", invoices=own)

    def on_finances(self) -> Part:
        nothing = Micros(0)
        return Finances(
            at=self.now,
            cash=nothing,
            deferred=nothing,
            owed=nothing,
            mrr=nothing,
            customers=1,
            seats=3,
            price_per_seat={"team": Micros(12 * DOLLAR)},
            price_notice_days=self.price_notice_days,
            revenue_this_month={},
            costs_this_month={},
            churned_this_month=0,
        )

    def on_refund(self, invoice: str, amount: int, reason: str) -> Part:
        found = next(one for one in self.invoices if one.invoice == invoice)
        self.invoices.remove(found)
        self.invoices.append(found.model_copy(update={"refunded": found.refunded + amount}))
        return Refunded(invoice=invoice, refunded=Micros(amount), remaining=Micros(0))

    def on_post_status(self, state: str, title: str, body: str) -> Part:
        return Done()

    def on_top_refused(self, hours: int) -> Part:
        return self.refused

    def on_access_log(self, address: str, lines: int) -> Part:
        return Text(text=self.access_log)

    def on_firewall(self, block: list[str]) -> Part:
        return FirewallRules(blocked=tuple(block))

    def on_page(self, job: str, page: int) -> str:
        text, following = self.pages[page - 1], f"page {page + 1}" if page < len(self.pages) else None
        return json.dumps({"answer": job, "page": page, "pages": len(self.pages), "text": text, "next": following})

    def on_logs(self) -> str:
        return self.on_page("a_1", 1)


def act(command: CallTool) -> tuple[str, dict[str, Any]]:
    """What a call does, where one tool does several things, and the arguments that are left."""
    given = dict(command.arguments)
    if command.tool == "instances" and "do" in given:
        return given.pop("do"), given
    if command.tool == "deploy" and given.pop("rollback", False):
        return "rollback", given
    if command.tool == "access_log" and given.pop("by_address", False):
        return "top_refused", given
    if command.tool == "finances" and "customer" in given:
        return "account", given
    return ("page" if command.tool == "job" and "page" in given else command.tool), given
