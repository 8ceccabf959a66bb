"""Writing patches: the difference between a folder and what it stands on, as a plain unified diff."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from catalog.defects import load_defects
from catalog.patches import git_environment
from catalog.products import Product
from catalog.reading import CATALOG, CatalogError, read_toml
from catalog.requests import RequestFile, load_requests
from concern.catalog.plan import variant_recipe
from concern.catalog.trees import LEFT_OUT, Layer, Recipe, planted

_DROPPED = re.compile(r"^(diff --git|index |new file mode|deleted file mode|old mode|new mode|similarity|rename )")


class Repository:
    """A repository of ours for a moment, in which git compares and merges trees."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", "--template=")

    def git(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run git; its status is for the caller to look at."""
        author = ("-c", "user.name=catalog", "-c", "user.email=catalog@localhost", "-c", "core.autocrlf=false")
        environment = git_environment(self.folder)
        return subprocess.run(
            ["git", *author, *words], cwd=self.folder, env=environment, capture_output=True, check=False
        )

    def commit(self, tree: Path) -> str:
        """A commit whose content is that folder's, on top of the present one."""
        for entry in self.folder.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(tree, self.folder, ignore=LEFT_OUT, dirs_exist_ok=True)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", "tree")
        return self.git("rev-parse", "HEAD").stdout.decode().strip()

    @staticmethod
    def copy(tree: Path, folder: Path) -> None:
        """Copy a tree's sources into a new folder."""
        shutil.copytree(tree, folder, ignore=LEFT_OUT)

    def diff(self, before: str, after: str) -> str:
        """The plain unified diff between two commits."""
        text = self.git("diff", "--no-color", "--no-renames", "--no-ext-diff", before, after).stdout.decode()
        return "".join(line for line in text.splitlines(keepends=True) if not _DROPPED.match(line))


def difference(before: Path, after: Path) -> str:
    """The plain unified diff from one folder to another."""
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        repository = Repository(Path(folder) / "repository")
        return repository.diff(repository.commit(before), repository.commit(after))


def save_patch(product: Product, name: str, tree: Path) -> Path:
    """Write `tree`'s difference as the patch of that name, and return its file.

    `DEFECT/SHAPE` and `REQUEST/VARIANT` (as `request.toml` declares it) stand on the good product or on the variants below;
    `DEFECT/SHAPE:fix` stands on the planted one.
    """
    target, ground = _target(product, name)
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        before = Path(folder) / "before"
        ground.make(before)
        patch = difference(before, tree)
    if not patch:
        raise CatalogError(f"{name}: {tree} does not differ from {ground.title}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(patch, encoding="utf-8")
    return target


def _target(product: Product, name: str) -> tuple[Path, Recipe]:
    entry, _, part = name.partition("/")
    good, home = planted(product, ()), CATALOG / product.name
    if (home / "defects" / entry / "defect.toml").exists() and part:
        shape, _, fix = part.partition(":")
        folder = home / "defects" / entry / "shapes"
        if not fix:
            return folder / f"{shape}.patch", good
        planted_shape = load_defects(product.name, partial=True)[entry].shape(shape)
        return folder / f"{shape}.fix.patch", planted(product, (planted_shape,))
    file = home / "requests" / entry / "request.toml"
    if file.exists() and part:
        return file.parent / "variants" / f"{part}.patch", _below(product, entry, part, file)
    raise CatalogError(
        f"{name}: write catalog/{product.name}/defects/{entry}/defect.toml or .../requests/{entry}/request.toml first, "
        "and name DEFECT/SHAPE, DEFECT/SHAPE:fix or REQUEST/VARIANT"
    )


def _below(product: Product, request: str, variant: str, file: Path) -> Recipe:
    about = next((one for one in read_toml(file, RequestFile).variant if one.name == variant), None)
    if about is None:
        raise CatalogError(f"{request}: request.toml declares no variant {variant!r}")
    recipe = planted(product, ())
    if not about.stands_on:
        return recipe
    requests = load_requests(product.name, partial=True)
    layers: dict[str, Layer] = {}
    for before, name in about.stands_on.items():
        for layer in variant_recipe(product, requests[before].variant(name), requests).layers:
            layers.setdefault(layer.name, layer)
    return recipe.on_top(f"what {request}/{variant} stands on", *layers.values())
