"""How people get into the tracker."""

from catalog.checking.entrance import Entrance

accounts = Entrance(
    company="Company name",
    least_role="Member",
    join_button="Join team",
    home="/projects",
    inside="Projects",
    tokens="/account/tokens",
)
