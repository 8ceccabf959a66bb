"""The products that the market knows how to use. All knowledge of one product's pages is in its folder."""

from agents.users.products.interface import Product
from agents.users.products.invoicing import product as invoicing
from agents.users.products.tracker import product as tracker

PRODUCTS: dict[str, Product] = {one.name: one for one in (tracker, invoicing)}


def product_named(name: str) -> Product:
    """The product of a scenario. `ValueError` says which there are."""
    if name not in PRODUCTS:
        raise ValueError(f"nobody knows how to use the product {name!r}; there are {', '.join(sorted(PRODUCTS))}")
    return PRODUCTS[name]
