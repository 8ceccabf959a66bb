"""The boundary between the hosting provider and the product it runs."""

from typing import Literal

Step = Literal["build", "migrate", "start", "health"]


class ProductError(Exception):
    """The product could not be built, migrated, started or reached: the operator's failure, never ours."""

    def __init__(self, step: Step, detail: str) -> None:
        super().__init__(f"{step}: {detail}")
        self.step: Step = step
        self.detail = detail
