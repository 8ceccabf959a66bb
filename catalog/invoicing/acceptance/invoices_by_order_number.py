"""Invoices are listed by their whole order number, in any case, together with the filter that was there."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import issue, line, new_client, new_draft


async def accept(scene: Customer) -> None:
    order, subjects = f"Ä-{scene.nonce()}", [scene.nonce() for _ in range(3)]
    mine = await scene.enter(scene.owner)
    client = await new_client(mine, f"Client {scene.nonce()}")
    for subject, number in zip(subjects, (order, order, f"{order}-2"), strict=True):
        await new_draft(mine, client, subject)
        await mine.follow("Edit draft", "open the form")
        await mine.press("Save draft", {"Order number": number}, "write the order number")
    tab = await scene.enter(scene.member)
    await shown(tab, f" {order.lower()} ", "All", subjects, [True, True, False])
    await mine.press("Search", {"Search": subjects[0]}, "search")
    await mine.follow(f"Draft: {subjects[0]}", "open the draft")
    await mine.press("Add line", line("50.00"), "add a line")
    await issue(mine)
    await shown(tab, order, "Drafts", subjects, [False, True, False])
    await shown(tab, f"{order}-2", "All", subjects, [False, False, True])
    await shown(tab, "", "All", subjects, [True, True, True])


async def shown(tab: Browser, order: str, show: str, subjects: list[str], expected: list[bool]) -> None:
    """The list for that order number has those documents and no others of ours."""
    await tab.go("/invoices", "open the list")
    page = await tab.press("Apply", {"Order number": order, "Show": show}, "list the invoices", pain="error")
    if [subject in page.text for subject in subjects] != expected:
        missing(tab, "list the invoices", f"the list for order number {order!r} is another one", item=order.strip())
