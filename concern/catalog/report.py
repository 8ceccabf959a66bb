"""A verification for people: the matrix, and the wrong cells with their evidence."""

from collections.abc import Sequence

from concern.catalog.cells import Result

UNTOUCHED = "~"
SIGNS = {"safe": ".", "defect": "D", "broken": "b", "met": "m", "unmet": "-", "passed": "t"}
WIDTH = 46


def matrix(results: Sequence[Result]) -> str:
    """Products down, checks and journeys across (numbered), `t` for the visible tests; `!` is wrong."""
    names = list(dict.fromkeys(result.cell.name for result in results if result.cell.name))
    rows: dict[str, dict[str, str]] = {}
    for result in results:
        sign = SIGNS.get(result.outcome, "!") if result.ok else "!"
        sign = sign if result.reached else UNTOUCHED
        rows.setdefault(result.row, {})[result.cell.name] = sign
    lines = [f"{number:>3} {name}" for number, name in enumerate(names, 1)]
    lines += ["", f"{'':{WIDTH}} {''.join(str(number % 10) for number in range(1, len(names) + 1))} tests"]
    for title, cells in rows.items():
        across = "".join(cells.get(name, " ") for name in names)
        lines.append(f"{title[:WIDTH]:{WIDTH}} {across} {cells.get('', ' ')}")
    lines += [
        "",
        "  ".join(f"{sign} {name}" for name, sign in SIGNS.items()) + f"  {UNTOUCHED} safe untouched  ! wrong",
    ]
    return "\n".join(lines)


def wrong_cells(results: Sequence[Result]) -> list[str]:
    """One line for each wrong cell: where, what, what would be right, evidence."""
    lines: list[str] = []
    for result in results:
        if not result.ok:
            what = f"{result.cell.kind} {result.cell.name}".strip()
            right = " or ".join(sorted(result.cell.right))
            lines.append(f"on {result.row}: {what} is {result.outcome}, not {right}: {result.evidence}")
    return lines


def effort(results: Sequence[Result]) -> str:
    """How long each kind of cell took."""
    parts: list[str] = []
    for kind in ("check", "acceptance", "fix", "tests"):
        mine = sorted(one.seconds for one in results if one.cell.kind == kind and one.reached and not one.kept)
        if mine:
            parts.append(f"{len(mine)} x {kind}: {sum(mine):.1f} s, median {mine[len(mine) // 2] * 1000:.0f} ms")
    if untouched := sum(not result.reached for result in results):
        parts.append(f"{untouched} x check: nothing that it calls has changed")
    return "; ".join(parts) or "nothing had to be run"
