"""Ordinary words from elsewhere: apostrophes, other scripts, emoji, percent signs. Careless code breaks on them."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import check_task, enter, follow_found, open_project, search
from agents.users.products.tracker.words import ODD


async def odd_words(visit: Visit) -> None:
    """A task with such a title must be stored as typed, be found by its words, and nothing be found by nonsense."""
    tab = await enter(visit)
    item = draft(visit, visit.chance.choice(ODD), Description='It\'s what they wrote: 100% "as is" – ✓')
    await open_project(tab, item.place)
    await save(tab, item)
    words = item.title.removesuffix(item.nonce).strip()
    shouted = words.upper() if visit.chance.random() < 0.5 else words
    await search(tab, f"{shouted} {item.nonce}", "search for these words")
    await follow_found(tab, item, "open what was found")
    check_task(tab, item, "read the task", "lost_item")
    await search(tab, f"% {visit.nonce()} '", "search for something else")
    if tab.page.link(item.title) is not None:
        raise tab.failure("stale_read", "search for something else", "it finds what does not hold these words")
    visit.keep(item)


journey = Journey(
    name="odd_words",
    theme="search",
    weights={"solo": 4, "team": 4, "business": 4},
    work={"list": 2, "form": 1, "write": 1, "task": 2, "search": 2, "login": 0.1},
    walk=odd_words,
    words="search for a title with special characters",
)
