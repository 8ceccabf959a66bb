"""Who asks, and what they may do."""

from dataclasses import dataclass
from datetime import date

from invoicing import dates
from invoicing.refusals import Forbidden
from invoicing.tables import Firm, User

ROLES = ("reader", "bookkeeper", "owner")
"""Each may do what those before it may do."""


@dataclass(frozen=True)
class Person:
    """A user of one firm. Whatever is read or written is limited to that firm."""

    user: User
    firm: Firm

    def may(self, role: str) -> bool:
        """Tell whether the person has this role, or one above it."""
        return ROLES.index(self.user.role) >= ROLES.index(role)

    def require(self, role: str) -> None:
        """Refuse who has not."""
        if not self.may(role):
            who = "Only owners" if role == "owner" else "Only bookkeepers and owners"
            raise Forbidden(f"{who} can do this.")

    @property
    def today(self) -> date:
        """The firm's date."""
        return dates.today(self.firm.time_zone)
