"""In what two variants fare differently in a crowd: by shares, since luck has a part in each of them."""

from collections.abc import Generator

from concern.catalog.differing.found import Crowd, Of

RATE = 0.6
"""By so much the shares must differ: of four journeys, three more."""


def unlike(mine: Crowd, theirs: Crowd) -> Generator[tuple[str, str, str]]:
    """What differs, with the figures of each."""
    told: tuple[tuple[str, Of, Of], ...] = (
        ("journeys of companies at once unmet", mine.apart, theirs.apart),
        ("journeys of colleagues at once unmet", mine.together, theirs.together),
        ("journeys unmet if all is pressed twice", mine.doubled, theirs.doubled),
        ("texts stored again if all is pressed twice", mine.repeated, theirs.repeated),
        ("pairs of texts not whole that were written at once", mine.lost, theirs.lost),
    )
    for words, one, other in told:
        if abs(_share(one) - _share(other)) >= RATE:
            yield words, f"{one[0]} of {one[1]}", f"{other[0]} of {other[1]}"
    if (mine.failed == 0) != (theirs.failed == 0):
        yield "requests failed in the crowd", str(mine.failed), str(theirs.failed)


def together(first: Crowd, second: Crowd) -> Crowd:
    """What came of one variant in two crowds."""
    added = {
        name: tuple(map(sum, zip(of, getattr(second, name), strict=True)))
        for name, of in first.model_dump(exclude={"failed"}).items()
    }
    return Crowd.model_validate({**added, "failed": first.failed + second.failed})


def _share(of: Of) -> float:
    return of[0] / max(1, of[1])
