"""Letters that can be written in two ways, and words from right to left."""

from unicodedata import normalize

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import enter, follow_found, open_project, search

TITLES = (
    "Đơn đặt hàng của Nguyễn", "Café crème à Besançon", "Ångström und Überläufer", "호텔 예약 확인", "ガジェットの注文",
    "חוזה עם שמעון (טיוטה)", "عقد رقم ١٢ — الطابق الثاني", "Smörgåsbord för Håkan", "Čtvrtletní účetní závěrka",
)  # fmt: skip
"""With letters that are one character or two: on some keyboards, and in file names of some systems, they are two."""


async def scripts(visit: Visit) -> None:
    """Typed with accents apart, the task must be found by who types them together, and the other way round."""
    tab = await enter(visit)
    item = draft(visit, visit.chance.choice(TITLES))
    apart, together = normalize("NFD", item.title), normalize("NFC", item.title)
    await open_project(tab, item.place)
    await tab.follow("New task", "open the form")
    await tab.press("Create task", {**item.facts, "Title": apart}, "save the task")
    if normalize("NFC", tab.page.heading) != together:
        raise tab.failure("failed_save", "read what was saved", "the title is not what was typed")
    item.title = tab.page.heading
    item.target = tab.target
    for words in (together, apart):
        await search(tab, words, "search for these words")
        await follow_found(tab, item, "open what was found")
    visit.keep(item)


journey = Journey(
    name="scripts",
    theme="search",
    weights={"solo": 0.3, "team": 0.3, "business": 0.3},
    work={"list": 2, "form": 1, "write": 1, "task": 3, "search": 2, "login": 0.1},
    walk=scripts,
    words="search for a title with accents",
)
