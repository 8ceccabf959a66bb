"""``python -m tracker serve``: listen until told to stop."""

import asyncio
import logging
import os
import signal
from importlib.util import find_spec

from aiohttp import web

from tracker import logs
from tracker.app import make_app
from tracker.settings import Settings

log = logging.getLogger("tracker")


def main() -> None:
    """Serve with the settings of the environment. Also the entry of a parent that forks instances."""
    logs.configure()
    settings = Settings.from_environment()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


def _loop_factory():
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


async def _serve(settings: Settings) -> None:
    runner = web.AppRunner(
        make_app(settings), access_log=None, handle_signals=False, shutdown_timeout=settings.drain_seconds
    )
    await runner.setup()
    site = await _listen(runner, settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("listening", extra={"fields": {"on": site.name}})
    await stop.wait()
    log.info("stopping")
    await runner.cleanup()  # no new connections; requests in flight are finished


async def _listen(runner: web.AppRunner, settings: Settings) -> web.BaseSite:
    if settings.socket is None:
        site: web.BaseSite = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        return site
    site = web.UnixSite(runner, settings.socket)
    await site.start()
    # The folder decides who may connect: the edge may be another user than we are.
    os.chmod(settings.socket, 0o666)
    return site
