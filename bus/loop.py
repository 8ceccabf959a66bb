"""Where coroutines run: one event loop of uvloop's, begun as anyio begins it.

Begun otherwise, anyio asks which library it runs on at each of its calls, and the interpreter asks the kernel for its
own process each time: that was a fifteenth of a small world's processor time.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own; returns what it returns."""

    async def whole() -> T:
        return await work

    return anyio.run(whole, backend_options={"use_uvloop": True})
