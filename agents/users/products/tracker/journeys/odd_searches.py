"""Searches that are typed in a hurry: quotation marks, signs, capitals, the words in another order."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import enter, follow_found, open_project, search
from agents.web.browser import Browser

TITLES = (
    'Order the "new" 27" screen',
    "Re-check follow-up e-mail",
    "R&D: C++ / C# course",
    "50% rebate (1st half)",
    "O'Hara's to-do",
)
SIGNS = ("%", "_", "*", '"', "' OR 1=1 --", "\\", "((", "NEAR/2", "title:")
"""What some languages of search read as an order, and people do not."""


async def odd_searches(visit: Visit) -> None:
    """Every word counts, in any order and case, in the title or in a comment; a word that is nowhere finds nothing."""
    tab = await enter(visit)
    item = draft(visit, visit.chance.choice(TITLES))
    await open_project(tab, item.place)
    await save(tab, item)
    said = visit.nonce()
    await tab.press("Add comment", {"Comment": f"They quote {said}"}, "save the comment")
    words = item.title.split()
    visit.chance.shuffle(words)
    step = "search for its words in another order"
    await search(tab, f"  {' '.join(words).upper()}   {said} ", step)
    await follow_found(tab, item, "open what was found")
    await _finds_nothing(tab, item.title, f"{item.nonce} {visit.nonce()}", "search for a word that is nowhere")
    await _finds_nothing(tab, item.title, f"{visit.chance.choice(SIGNS)} {visit.nonce()}", "search for signs")
    visit.keep(item)
    item.said.append(said)


async def _finds_nothing(tab: Browser, title: str, words: str, step: str) -> None:
    await search(tab, words, step)
    if tab.page.link(title) is not None:
        raise tab.failure("stale_read", step, "it finds what does not hold these words")


journey = Journey(
    name="odd_searches",
    theme="search",
    weights={"solo": 0.4, "team": 0.4, "business": 0.4},
    work={"list": 2, "form": 1, "write": 2, "task": 3, "search": 3, "login": 0.1},
    walk=odd_searches,
    words="search for several words at once",
)
