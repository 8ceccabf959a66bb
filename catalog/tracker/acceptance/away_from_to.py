"""A member says that they are away; a colleague reads it, a mistake changes nothing, and it is taken back."""

from agents.web.browser import Browser
from catalog.checking import Customer, Person, missing


async def accept(scene: Customer) -> None:
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    await say(theirs, "2027-03-08", "2027-03-12")
    await expect_away(mine, scene.member, "Away 2027-03-08 to 2027-03-12")
    for first, last in (("2027-04-02", "2027-04-01"), ("2027-04-02", ""), ("", "2027-04-01")):
        await say(theirs, first, last, status=422)
    await expect_away(mine, scene.member, "Away 2027-03-08 to 2027-03-12")
    await say(theirs, "2027-05-03", "2027-05-03")
    await expect_away(mine, scene.member, "Away 2027-05-03 to 2027-05-03")
    await say(theirs, "", "")
    page = await mine.go("/members", "open the members")
    if page.texts("span", "away"):
        missing(mine, "see everybody there", "somebody is away who is not", item=scene.member.email)


async def say(tab: Browser, first: str, last: str, *, status: int = 200) -> None:
    """Say from which to which day one is away."""
    await tab.go("/members", "open the members")
    await tab.follow("My absence", "open the form")
    await tab.press("Save absence", {"Away from": first, "Away to": last}, "say it", expect=(status,))


async def expect_away(tab: Browser, person: Person, words: str) -> None:
    """The row of that person says so, and no other row says anything."""
    page = await tab.go("/members", "open the members")
    row = next((row for row in page.main.split("<tr") if person.email in row), "")
    if page.texts("span", "away") != [words] or words not in " ".join(row.split()):
        missing(tab, "see who is away", f"the member's row does not say {words!r}", item=person.email)
