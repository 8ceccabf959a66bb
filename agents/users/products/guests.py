"""Somebody from outside who is let into a customer's account for some days: invited, and removed again."""

from dataclasses import dataclass

from agents.users.accounts import Colleague
from agents.users.journeys import Visit
from agents.users.population.names import Identity
from agents.web.browser import Browser

_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass(frozen=True)
class Guests:
    """A kind of guest, and how a product lets them in."""

    called: str
    """What the account calls the one who has its seat."""
    host: str
    """Of their addresses."""
    role: str
    button: str
    """By which an invitation is taken up."""

    def newcomer(self, visit: Visit) -> Colleague:
        """Somebody whom the product does not know."""
        code = f"{visit.chance.getrandbits(32):08x}"
        who = Identity(
            name=f"Alex {code[:5].translate(_LETTERS).title()}",
            email=f"alex.{code}@{self.host}",
            password=f"{visit.chance.getrandbits(64):016x}",
            user_agent=visit.person.who.user_agent,
            language=visit.person.who.language,
        )
        return visit.guest(who)

    async def ask(self, owner: Browser, guest: Colleague) -> None:
        """Make an invitation."""
        await owner.follow("Members", "open the members")
        invited = {"Email": guest.who.email, "Role": self.role}
        await owner.press("Create invitation", invited, "invite", expect=(200, 201))

    def link(self, owner: Browser) -> str:
        """The path of an invitation that has just been made."""
        link = next((link.target for link in owner.page.links if "/join/" in link.target), None)
        if link is None:
            raise owner.failure("error", "invite", "there is no link to send")
        return link[link.index("/join/") :]

    async def join(self, visit: Visit, guest: Colleague, path: str) -> Browser:
        """Take up an invitation, and the seat."""
        tab = visit.browser(guest)
        await tab.go(path, "open the invitation", typed=True)
        visit.account.notes[self.called] = guest.who.name
        await tab.press(self.button, {"Your name": guest.who.name, "Password": guest.who.password}, "join")
        return tab

    async def free_the_seat(self, visit: Visit, owner: Browser) -> None:
        """Remove the one who still has it."""
        name = visit.account.notes.get(self.called)
        if name is None:
            return
        await owner.follow("Members", "open the members")
        if owner.page.form(f"Remove {name}") is not None:
            await owner.press(f"Remove {name}", {}, f"remove the {self.called}")
        visit.account.notes.pop(self.called)
