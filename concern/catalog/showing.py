"""The catalog as text: tables, and one entry with everything about it."""

from collections.abc import Sequence

from catalog.choices import Choice, load_choices
from catalog.defects import Defect, load_defects
from catalog.reading import chosen
from catalog.requests import Request, load_requests


def listing(product: str) -> str:
    """Tables of a product's defects, requests and choices."""
    defects, requests, choices = load_defects(product), load_requests(product), load_choices(product)
    shapes = sum(len(defect.shapes) for defect in defects.values())
    parts = [f"{product}: {len(defects)} defects in {shapes} shapes, {len(requests)} requests, {len(choices)} choices"]
    rows = [(d.name, d.about.kind, d.about.severity, ", ".join(s.name for s in d.shapes)) for d in defects.values()]
    parts.append(_table(("defect", "kind", "severity", "shapes"), rows))
    rows = [
        (one.about.arc, one.name, ", ".join(one.about.after) or "-", ", ".join(v.name for v in one.variants))
        for one in sorted(requests.values(), key=lambda one: one.about.arc)
    ]
    parts.append(_table(("arc", "request", "after", "variants"), rows))
    rows = [(one.name, one.about.title, ", ".join(o.name for o in one.options)) for one in choices.values()]
    parts.append(_table(("choice", "question", "options"), rows))
    return "\n\n".join(part for part in parts if part) + "\n"


def shown(product: str, name: str) -> str:
    """One defect, request or choice. `CatalogError` lists the names there are."""
    defects, requests, choices = load_defects(product), load_requests(product), load_choices(product)
    if name in defects:
        return _defect(defects[name])
    if name in requests:
        return _request(requests[name])
    if name in choices:
        return _choice(choices[name])
    raise chosen("entry", name, [*defects, *requests, *choices], product)


def _defect(defect: Defect) -> str:
    about = defect.about
    lines = [f"{defect.name}: {about.title}", f"{about.kind}, {about.severity}, {_source(about.cwe, about.source)}"]
    lines += [f"noticed by: {about.noticed_by}", f"fix: {about.fix_message}"]
    lines += [f"not with: {', '.join(about.conflicts)}"] if about.conflicts else []
    lines += [f"\n--- shape {shape.name}\n{shape.plant}" for shape in defect.shapes]
    return "\n".join(lines)


def _source(cwe: int | None, source: str) -> str:
    return f"CWE-{cwe}" if cwe is not None else source


def _request(request: Request) -> str:
    about, worth = request.about, request.about.value
    lines = [f"{request.name}: {about.title}", f"arc {about.arc}, after {', '.join(about.after) or 'nothing'}"]
    lines += [f"worth a month (micro-dollars): solo {worth.solo}, team {worth.team}, business {worth.business}"]
    lines += ["", about.brief.strip(), "", about.contract.strip()]
    for variant in request.variants:
        one = variant.about
        stands = ", ".join(f"{key}/{value}" for key, value in one.stands_on.items()) or "the good product"
        lines.append(f"\n--- variant {one.name} ({one.manner}), on {stands}")
        lines += [f"better at: {one.better_at}", f"where: {one.where}", variant.patch]
    return "\n".join(lines)


def _choice(choice: Choice) -> str:
    lines = [f"{choice.name}: {choice.about.title}", f"told apart by: {choice.about.measure}", choice.about.source]
    for option in choice.options:
        about = option.about
        lines += [f"\n--- option {option.name}: {about.title}", f"right where: {about.right_where}"]
        lines += [f"wrong where: {about.wrong_where}", f"sets: {about.infra}"]
    return "\n".join(lines)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return "\n".join(
        "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)
    )
