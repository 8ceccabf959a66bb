"""Which products a verification builds, and what must hold of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bus.chance import Chance
from catalog.defects import Defect, Shape, load_defects
from catalog.products import Product
from catalog.reading import CatalogError
from catalog.requests import Request, Variant, foundations, load_requests
from concern.catalog.cells import PLANTED, Cell, Row
from concern.catalog.hostile import FLAVOURS
from concern.catalog.trees import Layer, Recipe, planted

SAFE, QUIET = frozenset({"safe"}), frozenset({"safe", "broken"})
MET, UNMET = frozenset({"met"}), frozenset({"unmet"})
TESTS = Cell("tests", "", frozenset({"passed"}))


def plan(product: Product, only: Sequence[str] = ()) -> list[Row]:
    """The rows of a verification, the good product first: of everything, or of these defects and requests, with or without
    `/shape` or `/variant`. `CatalogError` for unknown names."""
    defects, requests = load_defects(product.name), load_requests(product.name)
    if only:
        return _plan_only(product, defects, requests, only)
    rows = [_good(product, defects, requests.values())]
    rows += [row for defect in defects.values() for shape in defect.shapes for row in _shape(product, shape, defects)]
    for request in requests.values():
        rows += [_variant(product, one, requests, defects) for one in request.variants]
    rows = _with_ground(product, rows, requests, list(requests))
    rows += _hostile(product, defects, requests)
    return rows


def sampled(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """So many of these rows, drawn by the seed, in their order."""
    stream = Chance(seed).python("catalog", "sample")
    return [rows[place] for place in sorted(stream.sample(range(len(rows)), min(count, len(rows))))]


def _plan_only(
    product: Product, defects: Mapping[str, Defect], requests: Mapping[str, Request], only: Sequence[str]
) -> list[Row]:
    names = [full.partition("/")[0] for full in only]
    for name in names:
        if name not in defects and name not in requests:
            raise CatalogError(f"no defect or request {name!r} for {product.name}; see `concern catalog list`")
    mine = {name: defects[name] for name in names if name in defects}
    asked = [requests[name] for name in names if name in requests]

    def meant(full_name: str) -> bool:
        return full_name in only or full_name.partition("/")[0] in only

    rows = [_good(product, mine, asked)]
    for defect in mine.values():
        for shape in defect.shapes:
            rows += _shape(product, shape, defects) if meant(shape.full_name) else []
    for request in asked:
        wanted = [one for one in request.variants if meant(one.full_name)]
        rows += [_variant(product, one, requests, defects) for one in wanted]
    rows = _with_ground(product, rows, requests, [request.name for request in asked])
    return rows + _hostile(product, mine, {request.name: request for request in asked})


def _good(product: Product, defects: Iterable[str], requests: Iterable[Request]) -> Row:
    cells = [Cell("check", name, SAFE) for name in defects]
    cells += [Cell("acceptance", request.name, UNMET) for request in requests]
    return Row(planted(product, ()), [*cells, TESTS])


def _shape(product: Product, shape: Shape, defects: Iterable[str]) -> list[Row]:
    recipe = planted(product, (shape,))
    cells = [Cell("check", name, PLANTED if name == shape.defect else QUIET) for name in defects]
    fixed = recipe.on_top(f"{shape.full_name}, fixed", Layer(f"{shape.full_name}: fix", shape.fix))
    return [Row(recipe, [*cells, TESTS]), Row(fixed, [Cell("fix", shape.defect, SAFE)])]


def variant_recipe(product: Product, variant: Variant, requests: Mapping[str, Request]) -> Recipe:
    """The good product with a variant and all that it stands on."""
    below = [Layer(one.full_name, one.patch) for one in foundations(requests, variant)]
    return Recipe(product, variant.full_name, (*below, Layer(variant.full_name, variant.patch)))


def _variant(product: Product, variant: Variant, requests: Mapping[str, Request], defects: Iterable[str]) -> Row:
    cells = [Cell("check", name, SAFE) for name in defects]
    met = [*(one.request for one in foundations(requests, variant)), variant.request]
    cells += [Cell("acceptance", name, MET) for name in met]
    return Row(variant_recipe(product, variant, requests), [*cells, TESTS])


def _with_ground(product: Product, rows: list[Row], requests: Mapping[str, Request], asked: Sequence[str]) -> list[Row]:
    """A journey must also fail on what its variants stand on: those products get one more cell."""
    by_digest = {row.recipe.digest: row for row in rows}
    for name in asked:
        for variant in requests[name].variants:
            whole = variant_recipe(product, variant, requests)
            ground = replace(whole, title=f"what {variant.full_name} stands on", layers=whole.layers[:-1])
            row = by_digest.setdefault(ground.digest, Row(ground))
            cell = Cell("acceptance", name, UNMET)
            if cell not in row.cells:
                row.cells.append(cell)
    return [*rows, *(row for row in by_digest.values() if row not in rows)]


def _hostile(product: Product, defects: Iterable[str], requests: Iterable[str]) -> list[Row]:
    cells = [Cell("check", name, frozenset({"broken"})) for name in defects]
    cells += [Cell("acceptance", name, UNMET) for name in requests]
    return [Row(planted(product, ()), list(cells), flavour) for flavour in FLAVOURS]
