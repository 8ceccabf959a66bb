"""The streams of a world: one per family, one writer each.

Created by the supervisor before the services start.
"""

import json
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

from bus.credentials import Credentials
from bus.ids import EpisodeId
from bus.permissions import Grants
from bus.subjects import family_pattern, ingress_subject, stream_name
from bus.transport.protocol import BusError

DUPLICATES_S = 600
"""Seconds for which the broker remembers an id, in memory: longer than any outage after which somebody publishes an
event again."""
_ANSWER_WITHIN_S = 10.0


def stream_config(family: str, episode: EpisodeId) -> dict[str, Any]:
    """JetStream's configuration of one family's stream.

    Events come in on `say.<family>.<episode>.…`, are stored as `<family>.<episode>.…`, and are told to live
    subscribers on that subject only when they are stored. Nothing can be deleted, whoever asks.
    """
    said = family_pattern(family, episode)
    return {
        "name": stream_name(family),
        "subjects": [ingress_subject(said)],
        "subject_transform": {"src": ingress_subject(said), "dest": said},
        "republish": {"src": said, "dest": said},
        "storage": "file",
        "retention": "limits",
        "num_replicas": 1,
        "duplicate_window": DUPLICATES_S * 1_000_000_000,
        "allow_direct": True,
        "deny_delete": True,
        "deny_purge": True,
    }


async def create_streams(admin: Credentials, granted: Grants) -> None:
    """Create every family's stream; nothing happens to one that is there already and equal.

    `BusError` if refused.
    """
    connection = Client()
    try:
        await connection.connect(
            admin.url, user=admin.user, password=admin.password, inbox_prefix=admin.inbox_prefix,
            allow_reconnect=False, name=admin.user,
        )  # fmt: skip
        for family in granted.families:
            subject = f"$JS.API.STREAM.CREATE.{stream_name(family)}"
            config = json.dumps(stream_config(family, granted.episode)).encode()
            answer = json.loads((await connection.request(subject, config, timeout=_ANSWER_WITHIN_S)).data)
            if "error" in answer:
                raise BusError(f"cannot create stream {stream_name(family)}: {answer['error'].get('description')}")
    except (NatsError, OSError) as error:
        raise BusError(f"cannot create the streams at {admin.url}: {error}") from error
    finally:
        await connection.close()
