"""Who may say and hear what: from the services' declarations to the broker's accounts, users and permissions.

Pure functions: declarations -> `Grants` -> the `accounts` part of the broker's configuration. Nothing is
granted that a declaration does not ask for, and nothing is written twice.

Accounts. SIM holds the streams and all services. The others are empty rooms with a window: OPERATOR can only
call the gateway, TRAIN can only hear and reread the reward, VIEW everything but the hidden family. A reply
subject named by a foreign account never reaches SIM: the broker replaces it, so a forged one falls back into
the forger's own room. Readers get `DIRECT.GET` (read one message or a batch by position) and no consumer:
whoever may create a consumer may name the subject in SIM that the broker delivers to.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bus.ids import EpisodeId
from bus.messages.base import Command, Event
from bus.messages.clock import Ready, StageDone
from bus.service import Account, Service
from bus.subjects import (
    command_subject,
    dead_letter_subject,
    event_subject,
    family_pattern,
    ingress_subject,
    reward_position_subject,
    service_pattern,
    stream_name,
)

ADMIN = "admin"
"""The supervisor's role: it creates the streams and can do nothing else."""
GATEWAY = "gateway"
"""The only service that the operator can call."""
REWARD = "reward"
"""The only family that trainers hear."""
HIDDEN = "hidden"
"""The family that nobody outside SIM hears."""
DEAD = "dead"
"""Pseudo family: who subscribes to it hears every role's dead letters."""

ANSWER_WITHIN = "1h"
"""How long an answer is let through after its request; above every deadline of a request
(`context.ASK_DEADLINE_S`)."""

_ROLE = re.compile(r"^[a-z][a-z0-9_]*$")
_READERS: tuple[Account, ...] = ("TRAIN", "VIEW")


@dataclass(frozen=True)
class Role:
    """One user of the broker, with everything it is allowed: exact subjects or NATS patterns."""

    name: str
    account: Account
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: bool
    """Whether it may answer requests that were delivered to it (once each)."""


@dataclass(frozen=True)
class Grants:
    """The permissions of one world."""

    episode: EpisodeId
    roles: tuple[Role, ...]
    """Ordered by name; `admin` is among them."""
    families: tuple[str, ...]
    """Every family that a service owns, ordered: each gets one stream."""

    def role(self, name: str) -> Role:
        """The role of that name; `KeyError` if there is none."""
        return {role.name: role for role in self.roles}[name]


def inbox_prefix(role: str) -> str:
    """Where a role's answers arrive; nobody else may listen there."""
    return f"_INBOX_{role}"


def grants(services: Sequence[Service], episode: EpisodeId) -> Grants:
    """What the declared services may do in one episode.

    `ValueError` names a declaration that cannot be granted.
    """
    owners = _owners(services)
    roles = [_role(service, episode, owners) for service in services]
    roles.append(_admin(owners))
    names = [role.name for role in roles]
    for name in names:
        if names.count(name) > 1 or not _ROLE.match(name):
            raise ValueError(f"role {name!r}: names must be unique, of a-z, 0-9 and _, and not {ADMIN!r}")
    return Grants(episode, tuple(sorted(roles, key=lambda role: role.name)), tuple(sorted(owners)))


def accounts_config(granted: Grants, passwords: Mapping[str, str]) -> dict[str, Any]:
    """The `accounts` part of the broker's configuration. `ValueError` if a role has no password."""
    missing = [role.name for role in granted.roles if not passwords.get(role.name)]
    if missing:
        raise ValueError(f"no password for {', '.join(missing)}")
    accounts: dict[str, Any] = {"SIM": {"jetstream": "enabled", "exports": _exports(granted)}}
    accounts["OPERATOR"] = {"imports": [_imported("service", service_pattern(granted.episode, GATEWAY))]}
    for reader in _READERS:
        accounts[reader] = {"imports": _reader_imports(granted, reader)}
    for name, account in accounts.items():
        account["users"] = [_user(role, passwords[role.name]) for role in granted.roles if role.account == name]
    return accounts


def _owners(services: Sequence[Service]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for service in services:
        for family in sorted(service.families):
            other = owners.setdefault(family, service.name)
            if other != service.name:
                raise ValueError(f"family {family!r} is published by {other} and by {service.name}; it has one owner")
    return owners


def _role(service: Service, episode: EpisodeId, owners: Mapping[str, str]) -> Role:
    if service.account != "SIM":
        return _outsider(service, episode, owners)
    asks: list[type[Command[Any]]] = list(service.asks)
    hears = set(service.subscribes)
    if service.participant:
        asks += [Ready, StageDone]
        hears.add("clock")
    read = sorted((hears | service.families) & owners.keys())
    publish = [*_ingress(service.publishes, episode), *(command_subject(episode, ask) for ask in asks)]
    subscribe = [_heard(family, episode) for family in sorted(hears)]
    if service.serves:
        subscribe.append(service_pattern(episode, service.name))
    return Role(
        service.name,
        "SIM",
        _unique([*publish, *map(_direct_get, read), dead_letter_subject(service.name)]),
        _unique([*subscribe, f"{inbox_prefix(service.name)}.>"]),
        bool(service.serves),
    )


def _outsider(service: Service, episode: EpisodeId, owners: Mapping[str, str]) -> Role:
    """A role outside SIM: it publishes and serves nothing, whatever it declares."""
    hears = set(service.subscribes)
    allowed = {"OPERATOR": set[str](), "TRAIN": {REWARD}, "VIEW": {*owners, *hears} - {HIDDEN, DEAD}}[service.account]
    if service.publishes or service.serves or not hears <= allowed:
        raise ValueError(f"{service.name} is in account {service.account}: it cannot publish, serve or hear that")
    if any(service.account != "OPERATOR" or ask.service() != GATEWAY for ask in service.asks):
        raise ValueError(f"{service.name} is in account {service.account}: it cannot ask that")
    return Role(
        service.name,
        service.account,
        _unique([*(command_subject(episode, ask) for ask in service.asks), *map(_direct_get, sorted(hears))]),
        _unique([*(f"{family}.>" for family in sorted(hears)), f"{inbox_prefix(service.name)}.>"]),
        answers=False,
    )


def _admin(owners: Iterable[str]) -> Role:
    verbs = ("CREATE", "INFO")
    publish = [f"$JS.API.STREAM.{verb}.{stream_name(family)}" for family in sorted(owners) for verb in verbs]
    return Role(ADMIN, "SIM", tuple(publish), (f"{inbox_prefix(ADMIN)}.>",), answers=False)


def _exports(granted: Grants) -> list[dict[str, Any]]:
    """What SIM shows the other accounts. Answers of one message, except a batch read."""
    gateway = service_pattern(granted.episode, GATEWAY)
    exports: list[dict[str, Any]] = [
        {
            "service": gateway,
            "accounts": ["OPERATOR"],
            "response_type": "singleton",
            "threshold": ANSWER_WITHIN,
        }
    ]
    for family in granted.families:
        readers = [reader for reader in _READERS if family in _shown(granted, reader)]
        if readers:
            exports.append({"stream": family_pattern(family, granted.episode), "accounts": readers})
            exports.append({"service": _direct_get(family), "accounts": readers, "response_type": "stream"})
    return exports


def _reader_imports(granted: Grants, reader: Account) -> list[dict[str, Any]]:
    imports: list[dict[str, Any]] = []
    for family in _shown(granted, reader):
        imports.append(_imported("stream", family_pattern(family, granted.episode)))
        imports.append(_imported("service", _direct_get(family)))
    if reader == "TRAIN" and REWARD in granted.families:  # by a name of its own, for a hub that many worlds have joined
        imports.append(_imported("service", _direct_get(REWARD)) | {"to": reward_position_subject(granted.episode)})
    return imports


def _shown(granted: Grants, reader: Account) -> list[str]:
    return [family for family in granted.families if family == REWARD or (reader == "VIEW" and family != HIDDEN)]


def _imported(kind: str, subject: str) -> dict[str, Any]:
    return {kind: {"account": "SIM", "subject": subject}}


def _user(role: Role, password: str) -> dict[str, Any]:
    permissions: dict[str, Any] = {
        "publish": {"allow": list(role.publish)} if role.publish else {"deny": [">"]},
        "subscribe": {"allow": list(role.subscribe)},
    }
    if role.answers:
        permissions["allow_responses"] = {"max": 1, "expires": ANSWER_WITHIN}
    return {"user": role.name, "password": password, "permissions": permissions}


def _ingress(events: Iterable[type[Event]], episode: EpisodeId) -> list[str]:
    return [ingress_subject(event_subject(episode, event)) for event in events]


def _heard(family: str, episode: EpisodeId) -> str:
    return dead_letter_subject("*") if family == DEAD else family_pattern(family, episode)


def _direct_get(family: str) -> str:
    return f"$JS.API.DIRECT.GET.{stream_name(family)}"


def _unique(subjects: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(subjects))
