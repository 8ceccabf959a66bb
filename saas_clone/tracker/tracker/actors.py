"""Who is asking, and what they may do."""

from dataclasses import dataclass

from tracker.errors import Forbidden
from tracker.models import Organisation, User

ROLES = ("member", "admin", "owner")
MANAGERS = ("admin", "owner")


@dataclass(frozen=True)
class Actor:
    """A person acting in one organisation. All reads and writes are limited to that organisation."""

    user: User
    organisation: Organisation
    role: str
    unread: int = 0
    """Unread notifications, counted up to 100."""
    address: str = ""
    """Network address that the request came from."""

    @property
    def manages(self) -> bool:
        """Owners and admins look after people, projects and the bill."""
        return self.role in MANAGERS

    def require_manager(self, doing: str) -> None:
        """Refuse unless the actor is an owner or an admin; ``doing`` completes the sentence."""
        if not self.manages:
            raise Forbidden(f"Only owners and admins can {doing}.")

    def require_author(self, author_id: int | None, doing: str) -> None:
        """Refuse unless the actor made the thing, or is an owner or an admin."""
        if author_id != self.user.id and not self.manages:
            raise Forbidden(f"Only its author, owners and admins can {doing}.")
