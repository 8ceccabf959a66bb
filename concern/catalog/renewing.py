"""Renewing patches after the product has changed: each is merged onto the new code, three ways, by git."""

import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.defects import load_defects
from catalog.patches import apply_patch
from catalog.products import PRODUCTS, Product
from catalog.reading import CATALOG, CatalogError
from catalog.requests import foundations, load_requests
from concern.catalog.saving import Repository
from concern.catalog.trees import Layer, Recipe, planted

MOST_OLD_TREES = 60
"""Commits of the product that are looked at for the one that a patch was made against."""
_HEAD = re.compile(r'^(down_)?revision = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """One patch file, and the pieces that it stands on."""

    name: str
    file: Path
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Renewal:
    """What came of one piece: `fits`, `renewed`, or `stuck` with the reason."""

    name: str
    outcome: str
    detail: str = ""


def pieces(product: str) -> Iterator[Piece]:
    """All patch files, those that others stand on first."""
    home = CATALOG / product
    for defect in load_defects(product).values():
        for shape in defect.shapes:
            folder = home / "defects" / defect.name / "shapes"
            yield Piece(shape.full_name, folder / f"{shape.name}.patch")
            own = folder / f"{shape.name}.fix.patch"
            if own.exists():
                yield Piece(f"{shape.full_name}:fix", own, (shape.full_name,))
    requests = load_requests(product)
    for request in requests.values():
        for variant in request.variants:
            below = tuple(one.full_name for one in foundations(requests, variant))
            yield Piece(
                variant.full_name, home / "requests" / request.name / "variants" / f"{variant.name}.patch", below
            )


def renew(product: Product) -> list[Renewal]:
    """Rewrite every patch that no longer applies and merges cleanly."""
    found: list[Renewal] = []
    old_texts = {piece.name: piece.file.read_text(encoding="utf-8") for piece in pieces(product.name)}
    stuck: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        history = _History(product, Path(folder) / "old")
        for piece in list(pieces(product.name)):
            if stuck & set(piece.below):
                renewal = Renewal(piece.name, "stuck", "it stands on one that is stuck")
            else:
                renewal = _renewed(product, piece, old_texts, history, Path(folder))
            if renewal.outcome == "stuck":
                stuck.add(piece.name)
            found.append(renewal)
    return found


def _renewed(product: Product, piece: Piece, old: dict[str, str], history: "_History", work: Path) -> Renewal:
    files = {one.name: one.file for one in pieces(product.name)}
    ground = planted(product, ()).on_top(
        piece.name, *(Layer(name, files[name].read_text(encoding="utf-8")) for name in piece.below)
    )
    with tempfile.TemporaryDirectory(dir=work) as folder:
        new = Path(folder) / "new"
        ground.make(new)
        if _applies(Path(folder) / "try", ground, Layer(piece.name, old[piece.name])):
            return Renewal(piece.name, "fits")
        layers = [Layer(name, old[name]) for name in (*piece.below, piece.name)]
        base = history.tree_for(layers)
        if base is None:
            return Renewal(piece.name, "stuck", f"it applies to none of the product's last {MOST_OLD_TREES} commits")
        merged = _merge(Path(folder), base, layers, new)
    if isinstance(merged, Renewal):
        return Renewal(piece.name, "stuck", merged.detail)
    piece.file.write_text(merged, encoding="utf-8")
    return Renewal(piece.name, "renewed")


def _applies(scratch: Path, ground: Recipe, layer: Layer) -> bool:
    try:
        ground.on_top(layer.name, layer).make(scratch)
    except CatalogError:
        return False
    return True


def _merge(work: Path, base: Path, layers: Sequence[Layer], new: Path) -> "str | Renewal":
    """The patch against `new`, or why it does not merge."""
    repository = Repository(work / "repository")
    before, after = work / "before", work / "after"
    for folder, applied in ((before, layers[:-1]), (after, layers)):
        Repository.copy(base, folder)
        for layer in applied:
            apply_patch(folder, layer.patch, layer.name)
    ground = repository.commit(before)
    change = repository.commit(after)
    repository.git("checkout", "--quiet", "--detach", ground)
    target = repository.commit(new)
    picked = repository.git("cherry-pick", change)
    if picked.returncode:
        wrong = repository.git("diff", "--name-only", "--diff-filter=U").stdout.decode().split()
        return Renewal("", "stuck", f"both have changed the same lines of {', '.join(wrong) or 'something'}")
    _rebase_migrations(repository, target)
    return repository.diff(target, "HEAD")


def _rebase_migrations(repository: Repository, target: str) -> None:
    """A migration that the patch brings comes after those that the product has by now."""
    added = repository.git("diff", "--name-only", "--diff-filter=A", target, "HEAD").stdout.decode().split()
    mine = [repository.folder / name for name in added if "/versions/" in name]
    if not mine:
        return
    versions = {file: dict(_revisions(file)) for file in mine[0].parent.glob("*.py")}
    others = [told for file, told in versions.items() if file not in mine]
    followed = {told.get("down_") for told in others}
    heads = [told[""] for told in others if told[""] not in followed]
    own = {versions[file][""] for file in mine}
    for file in mine:
        parent = versions[file].get("down_", "")
        if parent not in own and len(heads) == 1 and parent != heads[0]:
            text = file.read_text(encoding="utf-8")
            text = text.replace(f'down_revision = "{parent}"', f'down_revision = "{heads[0]}"')
            file.write_text(text.replace(f"Revises: {parent}\n", f"Revises: {heads[0]}\n"), encoding="utf-8")
    repository.git("add", "--all", "--force")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "migrations")


def _revisions(file: Path) -> Iterator[tuple[str, str]]:
    for found in _HEAD.finditer(file.read_text(encoding="utf-8")):
        yield found[1] or "", found[2]


class _History:
    """Old trees of the product, from the project's own repository, newest first."""

    def __init__(self, product: Product, folder: Path) -> None:
        self._product = product
        self._folder = folder
        folder.mkdir()
        self._commits: list[str] | None = None

    def tree_for(self, layers: Sequence[Layer]) -> Path | None:
        """The newest old tree to which all these patches apply."""
        for commit in self._listed():
            tree = self._tree(commit)
            with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
                copy = Path(scratch) / "tree"
                Repository.copy(tree, copy)
                try:
                    for layer in layers:
                        apply_patch(copy, layer.patch, layer.name)
                except CatalogError:
                    continue
            return tree
        return None

    def _listed(self) -> list[str]:
        if self._commits is None:
            path = f"{PRODUCTS.name}/{self._product.name}"
            done = self._git("log", f"--max-count={MOST_OLD_TREES}", "--format=%H", "--", path)
            self._commits = done.stdout.decode().split()
        return self._commits

    def _tree(self, commit: str) -> Path:
        folder = self._folder / commit
        if not folder.exists():
            archive = self._git("archive", "--format=tar", f"{commit}:{PRODUCTS.name}/{self._product.name}").stdout
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                tar.extractall(folder, filter="data")
        return folder

    def _git(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(["git", *words], cwd=PRODUCTS.parent, capture_output=True, check=False)
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip()
            raise CatalogError(f"git {words[0]} in the project's repository: {reason}")
        return done
