"""Settings of an organisation."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity
from tracker.actors import Actor

LEAST_PAGE, LEAST_BODY = 10, 1_024


@dataclass(frozen=True)
class Choice:
    """What owners and admins choose; ``None`` is what the product allows at most."""

    time_zone: str
    api_page_most: int | None
    api_body_most: int | None


async def change(session: AsyncSession, actor: Actor, choice: Choice) -> None:
    """Change the settings."""
    actor.require_manager("change the settings")
    organisation = actor.organisation
    organisation.time_zone = choice.time_zone
    organisation.api_page_most = choice.api_page_most
    organisation.api_body_most = choice.api_body_most
    activity.record(session, actor, "changed the settings of", organisation.name)
    await session.flush()
