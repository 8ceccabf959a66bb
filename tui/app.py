"""The screen: one reducer fed by a source, one timer that draws."""

import asyncio
from pathlib import Path
from typing import ClassVar

import anyio.lowlevel
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Static

from bus.context import EpisodeOver
from bus.messages.base import Refused
from bus.messages.clock import Regulate, WorldStatus
from bus.transport.protocol import BusError
from tui.feed import Source
from tui.playbill import Playbill
from tui.remote import Remote, faster, rate_text, slower
from tui.state import Business, reduce
from tui.theme import LEDGER
from tui.widgets.attackers import Attackers
from tui.widgets.closing import Closing
from tui.widgets.customers import Customers
from tui.widgets.help import Help
from tui.widgets.keys import Keys, tabs
from tui.widgets.masthead import Masthead
from tui.widgets.money import Money
from tui.widgets.operations import Operations
from tui.widgets.pane import Pane
from tui.widgets.product import Product
from tui.widgets.rewards import Rewards
from tui.widgets.tickets import Tickets

REFRESH_S = 0.2
"""Real seconds between two pictures at least, however fast the world runs."""

VIEWS = ("overview", "rewards", "tickets", "operator", "service")


class Watch(App[None]):
    """Shows one world. No key changes the business; with a remote, keys move its clock."""

    CSS_PATH = Path(__file__).with_name("style.tcss")
    TITLE = "Going Concern"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("p", "pause", "pause"),
        Binding("n", "step", "next tick"),
        Binding("plus,equals_sign", "faster", "faster"),
        Binding("minus", "slower", "slower"),
        Binding("h", "hold", "hold the picture"),
        Binding("question_mark", "help", "help"),
        *(Binding(str(number), f"view('{view}')", view) for number, view in enumerate(VIEWS, 1)),
    ]

    def __init__(
        self, source: Source, playbill: Playbill, *, remote: Remote | None = None, leave_at_end: bool = False
    ) -> None:
        super().__init__()
        self.business = Business()
        """As last heard; never waits for the screen."""
        self._source = source
        self._playbill = playbill
        self._leave_at_end = leave_at_end
        self._shown = Business()
        self._lost: str | None = None
        self._view = VIEWS[0]
        self._remote = remote
        self._clock: WorldStatus | None = None
        """As the remote last told."""
        self._held = False
        """Whether the picture stands while the business goes on."""
        self._stale = True
        self._task_factory = asyncio.get_running_loop().get_task_factory()

    def compose(self) -> ComposeResult:
        yield Masthead(self._playbill)
        yield Static(id="tabs", markup=False)
        with Container(id="panes", classes=self._view):
            # The style's grids lay the panes out in this order.
            yield from (Money(), Customers(), Product(), Attackers(), Tickets(), Rewards(), Operations())
        yield Closing()
        yield Keys()

    def on_load(self) -> None:
        # Textual makes the loop's tasks eager (Python 3.12 on). The world may share this loop: it keeps its own way.
        asyncio.get_running_loop().set_task_factory(self._task_factory)

    def on_mount(self) -> None:
        self.register_theme(LEDGER)
        self.theme = LEDGER.name
        self.action_view(self._view)
        self.set_interval(REFRESH_S, self.draw)
        self.run_worker(self._follow(), name="follow the source")

    async def _follow(self) -> None:
        try:
            async for delivered in self._source:
                self.business = reduce(self.business, delivered)
                self._stale = True
                if self.business.over and self._leave_at_end:
                    break
                # A source that never has to wait (a replay) must not keep the screen and the keys waiting.
                await anyio.lowlevel.checkpoint()
            self._lost = "The source has ended."
        except BusError as error:
            self._lost = f"The bus was lost: {error}. What stands here is the last that was heard."
        self._stale = True
        if self._leave_at_end:
            self.draw()
            self.exit()

    def draw(self) -> None:
        """Bring the picture up to date, if anything is new."""
        if not self._stale:
            return
        self._stale = False
        if not self._held:
            self._shown = self.business
        shown, heard = self._shown, self.business.heard
        main = self.screen_stack[0]
        main.query_one(Masthead).show(shown)
        for pane in main.query(Pane):
            pane.show(shown)
        main.query_one(Keys).show(heard, heard - shown.heard if self._held else None, self._pace())
        main.query_one(Closing).show(self.business, self._lost)  # the last word does not wait

    def action_view(self, view: str) -> None:
        """Show one of `VIEWS`."""
        self._view = view
        self.query_one("#panes").set_classes(view)
        for pane in self.query(Pane):
            pane.detailed = view != VIEWS[0]
            pane.scroll_home(animate=False)
        self.query_one("#tabs", Static).update(tabs(VIEWS, view))
        self._redraw()

    def action_hold(self) -> None:
        """Hold the picture, or follow again. The world does not notice."""
        self._held = not self._held
        self._redraw()

    async def action_pause(self) -> None:
        """Hold the world between two ticks, or let it go on."""
        paused = (self._clock or self.business.clock).state == "paused"
        await self._regulate(Regulate(action="resume" if paused else "pause"))

    async def action_step(self) -> None:
        """Let one tick pass, and hold the world after it."""
        await self._regulate(Regulate(action="step"))

    async def action_faster(self) -> None:
        """Let ticks follow each other faster."""
        await self._regulate(Regulate(action="speed", rate=faster(self._rate())))

    async def action_slower(self) -> None:
        """Let ticks follow each other slower."""
        await self._regulate(Regulate(action="speed", rate=slower(self._rate())))

    def action_help(self) -> None:
        """Say what there is to see."""
        self.push_screen(Help())

    async def _regulate(self, command: Regulate) -> None:
        if self._remote is None:
            self.notify("This screen only reads. The terminal that runs the world can pause, step and pace it.")
            return
        try:
            answer = await self._remote(command)
        except EpisodeOver:
            answer = Refused(code="over", detail="the episode is over")
        if isinstance(answer, Refused):
            self.notify(f"The clock cannot be moved: {answer.detail}.")
            return
        self._clock = answer
        self._redraw()

    def _rate(self) -> float | None:
        return self._playbill.rate if self._clock is None else self._clock.rate

    def _pace(self) -> str:
        """What the hand on the clock did last, for the bottom line."""
        if self._clock is None:
            return ""
        return "paused" if self._clock.state == "paused" else rate_text(self._clock.rate)

    def _redraw(self) -> None:
        self._stale = True
        # Panes that appear or vanish know their width only after the layout.
        self.call_after_refresh(self.draw)


async def watch(
    source: Source,
    playbill: Playbill | None = None,
    *,
    remote: Remote | None = None,
    headless: bool = False,
    size: tuple[int, int] | None = None,
) -> Business:
    """Show a world until the person leaves, and return it as last heard.

    With a `remote` the keys p, n, + and - move the world's clock.
    Runs in the caller's event loop, beside the world or alone; cancelling restores the terminal. `headless` draws
    nothing, needs no terminal, and leaves by itself when the reward is settled or void, or the source ends. `size`
    is columns and rows; the terminal's own if not given.
    """
    app = Watch(source, playbill or Playbill(), remote=remote, leave_at_end=headless)
    await app.run_async(headless=headless, size=size)
    return app.business
