"""``python -m invoicing serve``: listen until told to stop."""

import asyncio
import logging
import os
import signal
from importlib.util import find_spec

from aiohttp import web

from invoicing import logs
from invoicing.app import make_app
from invoicing.settings import Settings

log = logging.getLogger("invoicing")


def main() -> None:
    """Serve with the settings of the environment; also the entry of a parent that forks instances."""
    logs.configure()
    settings = Settings.from_environment()
    factory = None
    if find_spec("uvloop") is not None:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    runner = web.AppRunner(
        make_app(settings), access_log=None, handle_signals=False, shutdown_timeout=settings.drain_seconds
    )
    await runner.setup()
    if settings.socket is None:
        site: web.BaseSite = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
    else:
        site = web.UnixSite(runner, settings.socket)
        await site.start()
        os.chmod(settings.socket, 0o666)  # its folder decides who may connect
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("listening", extra=logs.fields(on=site.name))
    await stop.wait()
    log.info("stopping")
    await runner.cleanup()  # no new connections; requests in flight are finished
