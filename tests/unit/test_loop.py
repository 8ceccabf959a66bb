"""Our loop: uvloop, begun so that anyio knows where it is without looking."""

import asyncio

import pytest
import sniffio
import uvloop

from bus.loop import run


async def _seen() -> tuple[type, str | None]:
    return type(asyncio.get_running_loop()), sniffio.current_async_library_cvar.get()


def test_it_is_uvloop_and_anyio_need_not_ask() -> None:
    assert run(_seen()) == (uvloop.Loop, "asyncio")
    assert sniffio.current_async_library_cvar.get() is None


def test_what_the_work_raises_comes_out() -> None:
    async def broken() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        run(broken())
