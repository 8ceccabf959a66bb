"""`deploy/infra.toml`: the desired state of the hosting, written by the operator, with `plan` in money."""

import ipaddress
import re
import tomllib
from typing import Annotated, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bus.messages.cloud import InfraPlan, PlannedChange
from bus.money import Micros, share
from bus.scenario import CloudSection
from bus.simtime import DAY, HOUR, MINUTE

INFRA_PATH = "deploy/infra.toml"
HOURS_PER_MONTH = 730
"""Hosting bills a month as 730 hours (AWS, Azure and GCP price pages; B)."""
MAX_INSTANCES = 64
PLACEHOLDERS = ("socket", "database_url", "data", "mail", "secret", "egress")
DEFAULT_ENV = {
    "SOCKET": "{socket}",
    "DATABASE_URL": "{database_url}",
    "DATA_DIR": "{data}",
    "MAIL_DIR": "{mail}",
    "SECRET": "{secret}",
}
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
Size = Literal["small", "medium", "large"]
Argv = Annotated[tuple[str, ...], Field(min_length=1, max_length=32)]


class InfraError(Exception):
    """The file cannot be used; the text names the key and what it may be."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


class App(_Section):
    """How the product is started: it must listen on the unix socket that its environment names."""

    command: Argv | None = None
    """A program and its arguments, as one string or a list; `python -m module ...` starts fastest."""
    entry: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] | None = None
    """`module:function`, called without arguments; wins over `command`."""
    preload: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*$")] | None = None
    """Module that is imported once for each release, before there are instances of it: they share what it has loaded.
    Not for what must be each one's own. It sees none of `env`. One that begins threads is not used."""
    env: dict[str, str] = DEFAULT_ENV
    """Variables, with the placeholders {socket}, {database_url}, {data}, {mail}, {secret} and {egress} (see
    services/cloud/egress.py)."""

    _split = field_validator("command", mode="before")(_words)

    @model_validator(mode="after")
    def _startable(self) -> Self:
        if self.command is None and self.entry is None:
            raise ValueError("give `command` or `entry`")
        for name, value in self.env.items():
            unknown = set(re.findall(r"{(\w*)}", value)) - set(PLACEHOLDERS)
            if unknown:
                raise ValueError(f"env.{name}: unknown placeholder {sorted(unknown)}; known: {', '.join(PLACEHOLDERS)}")
        return self

    def environment(self, values: dict[str, str]) -> dict[str, str]:
        """The variables with placeholders filled in."""
        return {name: re.sub(r"{(\w+)}", lambda found: values[found[1]], text) for name, text in self.env.items()}


class Migrate(_Section):
    command: Argv | None = None
    _split = field_validator("command", mode="before")(_words)


class Health(_Section):
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")] = "/"


class Instances(_Section):
    count: Annotated[int, Field(ge=1, le=MAX_INSTANCES)] = 1
    size: Size = "small"


class Balancer(_Section):
    policy: Literal["least_connections", "round_robin", "sticky"] = "round_robin"


class Database(_Section):
    plan: Literal["basic", "standard"] = "basic"


class Job(_Section):
    """Background work, run by the platform at simulated times."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    every: str
    """`15m`, `1h`, `1d`: counted from midnight."""
    command: Argv
    """Of the form `python -m PACKAGE ...` it starts fastest: it is forked from a process with PACKAGE.jobs loaded."""
    _split = field_validator("command", mode="before")(_words)

    @field_validator("every")
    @classmethod
    def _interval(cls, value: str) -> str:
        if not re.fullmatch(r"[1-9]\d{0,3}[mhd]", value):
            raise ValueError("write a number and m, h or d, such as 15m, 1h or 1d")
        return value

    @property
    def interval(self) -> int:
        """Milliseconds of simulated time between two runs."""
        return int(self.every[:-1]) * _UNITS[self.every[-1]]


class FirewallSection(_Section):
    blocked: tuple[str, ...] = ()
    """Addresses, networks (`203.0.113.0/24`), or paths (`/admin`)."""

    @field_validator("blocked")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_rule(rule) for rule in value)


class LimitsSection(_Section):
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """For each client address; 0 is no limit."""
    body_bytes: Annotated[int, Field(ge=1024, le=64 << 20)] = 10 << 20
    """Largest request body."""


class Infra(_Section):
    """The whole file."""

    app: App
    migrate: Migrate = Migrate()
    health: Health = Health()
    instances: Instances = Instances()
    balancer: Balancer = Balancer()
    database: Database = Database()
    job: tuple[Job, ...] = ()
    firewall: FirewallSection = FirewallSection()
    limits: LimitsSection = LimitsSection()

    @field_validator("job")
    @classmethod
    def _once(cls, value: tuple[Job, ...]) -> tuple[Job, ...]:
        names = [job.name for job in value]
        if len(set(names)) < len(names):
            raise ValueError("two jobs have the same name")
        return value


def checked_rule(rule: str) -> str:
    """A firewall rule in its normal form; ValueError if it is neither an address, a network nor a path."""
    if rule.startswith("/") and len(rule) <= 200:
        return rule
    try:
        network = ipaddress.ip_network(rule, strict=False)
    except ValueError:
        raise ValueError(f"{rule!r} is not an address, a network such as 203.0.113.0/24, or a path") from None
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def parse(raw: bytes | None) -> Infra:
    """Read the file. InfraError names what is wrong, where, and what would be right."""
    if raw is None:
        raise InfraError(f"{INFRA_PATH} is not in this commit")
    try:
        return Infra.model_validate(tomllib.loads(raw.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InfraError(f"{INFRA_PATH} is not TOML: {error}") from error
    except ValidationError as error:
        lines = [f"[{'.'.join(map(str, one['loc']))}] {one['msg']}" for one in error.errors()]
        raise InfraError(f"{INFRA_PATH}: " + "; ".join(lines)) from error


def instance_price(size: Literal["small", "medium", "large"], prices: CloudSection) -> Micros:
    """One instance for an hour, with what watches it, in micro-dollars."""
    return Micros(prices.instance_hour[size] + share(prices.watched_month, 1, HOURS_PER_MONTH))


def monthly_cost(infra: Infra, prices: CloudSection) -> Micros:
    """What instances and database of this state cost in a month, in micro-dollars."""
    instances = infra.instances.count * instance_price(infra.instances.size, prices)
    return Micros((instances + prices.database_hour[infra.database.plan]) * HOURS_PER_MONTH)


def plan(old: Infra, new: Infra, prices: CloudSection) -> InfraPlan:
    """Every key that changes, each with what a month becomes dearer (or cheaper) by it alone."""
    changes: list[PlannedChange] = []
    for section in Infra.model_fields:
        before, after = getattr(old, section), getattr(new, section)
        if before == after:
            continue
        dearer = monthly_cost(old.model_copy(update={section: after}), prices) - monthly_cost(old, prices)
        changes.append(
            PlannedChange(what=section, before=_text(before), after=_text(after), cost_per_month=Micros(dearer))
        )
    return InfraPlan(changes=tuple(changes), cost_per_month=monthly_cost(new, prices))


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(str, cast("tuple[object, ...]", value))) or "none"
    return str(value)
