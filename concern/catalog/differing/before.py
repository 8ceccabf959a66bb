"""The pages of a journey, opened of what a company had before it walked: a journey makes its own things, and they are small."""

from collections.abc import Callable, Iterable, Mapping

from agents.web.failure import JourneyFailed
from agents.web.page import Link
from concern.catalog.differing.walking import Meter, MeteredDoor, Patron, Sums, added, starred

MOST = 3
"""Things of one kind that are opened."""
MOST_PAGES = 20


async def known_paths(patron: Patron) -> list[str]:
    """Where links lead on the first page that the owner sees, and on those one step further."""
    tab = await patron.enter(patron.owner)
    paths = _paths(tab.page.links)
    for path in list(paths)[:MOST_PAGES]:
        try:
            paths |= _paths((await tab.go(path, "look around")).links)
        except JourneyFailed:
            continue
    return list(paths)


def of_before(targets: Mapping[str, str], paths: Iterable[str], scrub: Callable[[str], str]) -> list[tuple[str, str]]:
    """Addresses of a journey that name one thing, numbered, with targets that name a thing which was there."""
    known = [path.split("/") for path in paths]
    found: list[tuple[str, str]] = []
    for name, target in targets.items():
        path, mark, query = target.partition("?")
        words = path.split("/")
        places = [place for place, word in enumerate(starred(path, scrub)) if word == "*"]
        if len(places) == 1:
            place = places[0]
            alike = [other for other in known if other[:place] == words[:place] and len(other) > place]
            ids = dict.fromkeys(other[place] for other in alike if starred(other[place], scrub) == ["*"])
            changed = ["/".join([*words[:place], one, *words[place + 1 :]]) for one in list(ids)[:MOST]]
            found += [(f"{name} [{number}]", f"{one}{mark}{query}") for number, one in enumerate(changed, 1)]
    return found


async def opened(
    door: MeteredDoor, patron: Patron, targets: Iterable[tuple[str, str]], meter: Meter
) -> tuple[dict[str, Sums], list[str]]:
    """What these pages used, by numbered address, and those that could not be opened."""
    tab = await patron.enter(patron.owner)
    used: dict[str, Sums] = {}
    closed: list[str] = []
    for name, target in targets:
        door.begin(meter)
        try:
            await tab.go(target, "open what was there")
        except JourneyFailed:
            closed.append(name)
        else:
            used[name] = added(door.used.values())
        door.end()
    return used, closed


def _paths(links: Iterable[Link]) -> dict[str, None]:
    paths = (link.target.partition("?")[0].partition("#")[0] for link in links)
    return dict.fromkeys(path for path in paths if path.startswith("/"))
