"""Trees of source: the good product with patches on it, known by content."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.defects import Shape
from catalog.patches import apply_patch
from catalog.products import Product
from concern.history import tree_digest

LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".pytest_cache", ".ruff_cache", "*.db", "*.db-*")


@dataclass(frozen=True)
class Layer:
    """One patch, with a name for errors."""

    name: str
    patch: str


@dataclass(frozen=True)
class Recipe:
    """A product as it is made: the good tree, and patches in order."""

    product: Product
    title: str
    layers: tuple[Layer, ...] = ()

    @property
    def digest(self) -> str:
        """Of what it is made of; equal recipes give equal trees."""
        total = hashlib.sha256(_good_digest(self.product.tree).encode())
        total.update(self.product.checking.model_dump_json().encode())
        for layer in self.layers:
            total.update(hashlib.sha256(layer.patch.encode()).digest())
        return total.hexdigest()

    def on_top(self, title: str, *layers: Layer) -> "Recipe":
        """This product with more patches."""
        return Recipe(self.product, title, (*self.layers, *layers))

    def make(self, folder: Path) -> None:
        """Write the tree into a new folder. `CatalogError` names the patch that does not apply."""
        shutil.copytree(self.product.tree, folder, ignore=LEFT_OUT)
        for layer in self.layers:
            apply_patch(folder, layer.patch, layer.name)


def planted(product: Product, shapes: Sequence[Shape]) -> Recipe:
    """The product with defects in it."""
    title = " + ".join(shape.full_name for shape in shapes) or "the good product"
    return Recipe(product, title, tuple(Layer(shape.full_name, shape.plant) for shape in shapes))


@cache
def _good_digest(tree: Path) -> str:
    return tree_digest(tree)
