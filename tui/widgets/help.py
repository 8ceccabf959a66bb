"""What the screen shows and what the keys do."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

TEXT = """\
A company runs, and one operator owns it. Its reward is the change
in the company's equity; green and + is earned, red and - is lost.

  1  Overview    everything at a glance
  2  Rewards     every signed entry of the reward stream
  3  Tickets     customers and what they ask
  4  Operator    its tool calls
  5  Service     the product, its alerts, and who attacks it

  tab, shift+tab     next, previous pane
  up down pgup pgdn  scroll
  p  n  +  -         pause the world, one tick, faster, slower
                     (where it runs; other screens only read)
  h                  hold the picture; the business goes on
  q                  leave; a world in its own process goes on

Revenue is what was delivered, not what was paid. Latency is the
slowest kind of request's mean; up is the mean since the start. In
the overview, entries of one hour and kind stand together (x24)."""


class Help(ModalScreen[None]):
    """Any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        yield Static(TEXT, markup=False)
