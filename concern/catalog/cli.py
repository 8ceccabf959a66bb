"""The commands `concern catalog ...`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn

import anyio
import typer

from catalog.defects import find_shapes
from catalog.products import load_product, product_names
from catalog.reading import CatalogError
from catalog.requests import find_variant, load_requests
from concern.catalog.cells import Result, Row, write_proved
from concern.catalog.differing.found import FoundAll
from concern.catalog.plan import plan, sampled, variant_recipe
from concern.catalog.renewing import renew as renew_patches
from concern.catalog.report import effort, matrix, wrong_cells
from concern.catalog.saving import save_patch
from concern.catalog.showing import listing, shown
from concern.catalog.trees import Layer, Recipe, planted
from services.cloud.errors import ProductError

app = typer.Typer(
    name="catalog",
    help="What worlds plant, ask for and leave to choose, and the proof of it. Never for the operator.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
ProductName = Annotated[str, typer.Option("--product", help="Folder under saas_clone/.")]


def _fail(error: object) -> NoReturn:
    typer.echo(f"concern: {error}", err=True)
    raise typer.Exit(2)


@app.command("list")
def list_(product: Annotated[str, typer.Option(help="Only this product.")] = "") -> None:
    """Tables of defects, requests by arc, and choices."""
    try:
        for name in [product] if product else product_names():
            typer.echo(listing(load_product(name).name))
    except CatalogError as error:
        _fail(error)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A defect, request or choice.")], product: ProductName = "tracker"
) -> None:
    """Everything about one entry, with its patches."""
    try:
        typer.echo(shown(product, name))
    except CatalogError as error:
        _fail(error)


@app.command()
def plant(
    into: Annotated[Path, typer.Option(help="New folder for the product.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Defects (DEFECT[/SHAPE]), or one variant (REQUEST/VARIANT).")
    ] = None,
    product: ProductName = "tracker",
) -> None:
    """Write a copy of the product with defects in it, or with a variant and all that it stands on."""
    try:
        recipe_for(product, names or []).make(into)
    except CatalogError as error:
        _fail(error)
    except FileExistsError:
        _fail(f"{into} exists already; name a new folder")


def recipe_for(product: str, names: list[str]) -> Recipe:
    """The product that these names describe; variants first, then defects on top of them."""
    requests, good = load_requests(product, partial=True), planted(load_product(product), ())
    variants = [name for name in names if name.partition("/")[0] in requests]
    if len(variants) > 1:
        raise CatalogError("only one variant at a time: it brings what it stands on")
    base = variant_recipe(good.product, find_variant(product, variants[0]), requests) if variants else good
    shapes = find_shapes(product, [name for name in names if name not in variants])
    return base.on_top(" + ".join(names) or good.title, *(Layer(shape.full_name, shape.plant) for shape in shapes))


@app.command()
def save(
    name: Annotated[str, typer.Argument(help="DEFECT/SHAPE, DEFECT/SHAPE:fix or REQUEST/VARIANT.")],
    tree: Annotated[Path, typer.Option("--from", help="A copy of the product with your change in it.")],
    product: ProductName = "tracker",
) -> None:
    """Write the patch of a shape, of its own fix, or of a variant: what differs between a folder and what it stands on."""
    try:
        typer.echo(f"wrote {save_patch(load_product(product), name, tree)}")
    except CatalogError as error:
        _fail(error)


@app.command()
def renew(product: Annotated[str, typer.Option(help="Only this product.")] = "") -> None:
    """Merge patches onto the product as it is now. Exit status 1 names those that somebody must look at."""
    stuck = 0
    try:
        for name in [product] if product else product_names():
            renewals = renew_patches(load_product(name))
            for one in renewals:
                if one.outcome != "fits":
                    typer.echo(f"{one.outcome}: {one.name} {one.detail}".rstrip())
            stuck += sum(one.outcome == "stuck" for one in renewals)
            typer.echo(
                f"{name}: {sum(one.outcome == 'fits' for one in renewals)} of {len(renewals)} patches fit as they are"
            )
    except CatalogError as error:
        _fail(error)
    raise typer.Exit(1 if stuck else 0)


@app.command()
def verify(
    product: Annotated[str, typer.Option(help="Only this product.")] = "",
    only: Annotated[list[str] | None, typer.Option(help="Only this defect or request (again for more).")] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Take what was right earlier and has not changed.")
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(help="Only so many products, drawn by --seed; with --changed, of those with changes.", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="For --sample.")] = 1,
    record: Annotated[
        bool, typer.Option("--record", help="Note in the source what is right, for --changed on other machines.")
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--everything", help="All checks and visible tests on each product, not only what its patch reaches."
        ),
    ] = False,
    jobs: Annotated[int, typer.Option(help="Products at the same time.", min=1)] = 2,
) -> None:
    """Prove the catalog on running products. Exit status 1 and a list if anything is not as it should be."""
    if record and (only or sample):
        _fail("--record notes the whole catalog: leave --only and --sample out")
    if everything and changed:
        _fail("--everything takes nothing that was right earlier: leave --changed out")
    from concern.catalog.verifying import heard_changes

    wrong: list[str] = []
    try:
        for name in [product] if product else product_names():
            rows = plan(load_product(name), only or ())
            results = _verified(name, _drawn(name, rows, sample, seed, changed), jobs, changed, everything)
            wrong += wrong_cells(results)
            if record and not wrong:
                write_proved(name, rows, heard_changes(load_product(name), rows, results))
    except CatalogError as error:
        _fail(error)
    for line in wrong:
        typer.echo(line)
    typer.echo(f"{len(wrong)} wrong" if wrong else "all right")
    raise typer.Exit(1 if wrong else 0)


def _drawn(product: str, rows: list[Row], sample: int | None, seed: int, changed: bool) -> list[Row]:
    from concern.catalog.verifying import unproved

    if sample is None:
        return rows
    fresh = unproved(load_product(product), rows) if changed else rows
    if len(fresh) > sample:
        typer.echo(
            f"{product}: {sample} of {len(fresh)} products, drawn by seed {seed}; the others are NOT proved by this"
        )
    return sampled(fresh, sample, seed)


def _verified(product: str, rows: list[Row], jobs: int, changed: bool, everything: bool = False) -> list[Result]:
    from concern.catalog.verifying import verify_rows

    async def run(told: Callable[[Result], None]) -> list[Result]:
        return await verify_rows(
            load_product(product), rows, jobs=jobs, changed=changed, told=told, everything=everything
        )

    results = _with_bar(product, rows, run)
    typer.echo(matrix(results))
    typer.echo(effort(results))
    return results


def _with_bar(
    label: str, rows: list[Row], run: Callable[[Callable[[Result], None]], Awaitable[list[Result]]]
) -> list[Result]:
    """Run under a progress bar; the results in the order of their rows."""
    count = sum(len(row.cells) for row in rows)
    with typer.progressbar(length=count, label=f"{label}: {len(rows)} products, {count} cells") as bar:

        def told(result: Result) -> None:
            del result
            bar.update(1)

        results = anyio.run(run, told)
    order = {row.title: number for number, row in enumerate(rows)}
    return sorted(results, key=lambda result: order[result.row])


@app.command()
def worlds(
    count: Annotated[int, typer.Option(help="Seeds, from 1.", min=1)] = 200,
    defects: Annotated[int, typer.Option(help="Planted in each.", min=1)] = 6,
    product: ProductName = "tracker",
    jobs: Annotated[int, typer.Option(help="Products at the same time.", min=1)] = 2,
) -> None:
    """Build what seeded worlds plant: each must start and pass the visible tests. Exit status 1 names those that do not."""
    from concern.catalog.worlds import repeated, verify_worlds, world_rows

    try:
        rows = world_rows(load_product(product), count, defects)
        results = _with_bar(
            product, rows, lambda told: verify_worlds(load_product(product), rows, jobs=jobs, told=told)
        )
    except CatalogError as error:
        _fail(error)
    wrong = [*repeated(rows), *wrong_cells(results)]
    for line in wrong:
        typer.echo(line)
    typer.echo(effort(results))
    typer.echo(f"{len(wrong)} wrong" if wrong else f"all {count} worlds stand")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def pairs(
    product: ProductName = "tracker",
    only: Annotated[list[str] | None, typer.Option(help="Only this request (again for more).")] = None,
    jobs: Annotated[int, typer.Option(help="Requests at the same time.", min=1)] = 2,
) -> None:
    """Show how the variants of each request differ, though tests and journeys find them equal. Exit status 1 if these do not."""
    from concern.catalog.differing.measuring import measured
    from concern.catalog.differing.telling import pairs_of, summary, variant_names

    try:
        requests = load_requests(product)
        unknown = sorted(set(only or ()) - set(requests))
        if unknown:
            raise CatalogError(f"no request {unknown[0]!r}; there are: {', '.join(requests)}")
        names = [name for name in requests if name in (only or requests)]
        rows = plan(load_product(product), tuple(names))
        wrong = wrong_cells(_verified(product, rows, jobs, changed=True)) if names else []
        with typer.progressbar(length=len(names), label=f"{product}: {len(names)} requests") as bar:

            async def run() -> dict[str, FoundAll]:
                return await measured(load_product(product), names, jobs=jobs, told=lambda _: bar.update(1))

            found = anyio.run(run)
    except (CatalogError, ProductError) as error:
        _fail(error)
    unequal = [name for name in variant_names(requests) if any(line.startswith(f"on {name}:") for line in wrong)]
    compared = pairs_of(requests, found, unequal)
    for pair in compared:
        typer.echo(pair.text())
    typer.echo(summary(compared))
    for line in wrong:
        typer.echo(line)
    raise typer.Exit(1 if wrong else 0)
