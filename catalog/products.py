"""What the composition root must know of a product to give it a past, and to prove the catalog on it."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from catalog.reading import CATALOG, CatalogError

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


class Checking(BaseModel):
    """How the product is run while checks walk through it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    """Its public name."""
    env: dict[str, str] = {}
    """Beside that of deploy/infra.toml; for what makes it quick."""
    schema_files: tuple[str, ...]
    """Patterns of all files that decide how an empty database looks: equal files, equal database."""
    mail: str = ""
    """Folder of sent letters (.eml) below the data folder, if the product writes them."""
    tests: tuple[str, ...] = ("python", "-m", "pytest", "-q")
    """Its own visible tests."""


class Product(BaseModel):
    """`catalog/<product>/product.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    history: History
    checking: Checking

    @property
    def tree(self) -> Path:
        """The good code."""
        return PRODUCTS / self.name


def product_names() -> list[str]:
    """The products that have a catalog."""
    return sorted(path.parent.name for path in CATALOG.glob("*/product.toml"))


def load_product(name: str) -> Product:
    """A product by name. `CatalogError` lists those there are."""
    try:
        text = (CATALOG / name / "product.toml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CatalogError(f"no product {name!r}; there are: {', '.join(product_names())}") from error
    return Product.model_validate({"name": name, **tomllib.loads(text)})
