"""How people get into the invoicing product."""

from catalog.checking.entrance import Entrance

accounts = Entrance(
    company="Firm name",
    least_role="Reader",
    join_button="Join firm",
    home="/overview",
    inside="Invoices",
    tokens="/account",
)
