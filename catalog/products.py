"""What the composition root must know of a product to give it a past."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from catalog.defects import CATALOG, CatalogError

PRODUCTS = CATALOG.parent / "saas_clone"
"""The good products. Read as files, never imported."""


class History(BaseModel):
    """Commands that make a database and fill it from a seed file on standard input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str
    """File name of the database in the product's data folder."""
    migrate: tuple[str, ...]
    seed: tuple[str, ...]
    env: dict[str, str]
    """With the placeholders {database} and {data}."""


class Product(BaseModel):
    """`catalog/<product>/product.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    history: History

    @property
    def tree(self) -> Path:
        """The good code."""
        return PRODUCTS / self.name


def load_product(name: str) -> Product:
    """A product by name. `CatalogError` lists those there are."""
    try:
        text = (CATALOG / name / "product.toml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        known = sorted(path.parent.name for path in CATALOG.glob("*/product.toml"))
        raise CatalogError(f"no product {name!r}; there are: {', '.join(known)}") from error
    return Product.model_validate({"name": name, **tomllib.loads(text)})
