"""Whatever order, start or omission: the reducer takes it, and the panes draw it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_business import PLAYBILL, made_up
from told import Teller

from bus.messages.hidden import WorldPlanted
from tui.state import Business, net_reward, reduce
from tui.widgets.attackers import Attackers
from tui.widgets.closing import closing_lines
from tui.widgets.customers import Customers
from tui.widgets.masthead import Masthead
from tui.widgets.money import Money
from tui.widgets.operations import Operations
from tui.widgets.product import Product
from tui.widgets.rewards import Rewards
from tui.widgets.tickets import Tickets

COMPLETE = made_up(2)
EVENTS = COMPLETE + made_up(2, voided=True)[-2:]


def after_all(events):
    business = Business()
    for delivered in events:
        business = reduce(business, delivered)
    return business


WHOLE = after_all(COMPLETE)
PANES = (Attackers, Customers, Money, Operations, Product, Rewards, Tickets)


def drawn(business, width):
    for pane_type in PANES:
        pane = pane_type()
        for pane.detailed in (False, True):
            for row in pane.lines(business, width):
                assert "\n" not in row.plain
    list(closing_lines(business, None))
    Masthead(PLAYBILL)
    net_reward(business)


@settings(max_examples=60, deadline=None)
@given(picked=st.lists(st.integers(0, len(EVENTS) - 1), max_size=80), width=st.integers(1, 200))
def test_any_events_in_any_order(picked, width):
    drawn(after_all(EVENTS[number] for number in picked), width)


@settings(max_examples=20, deadline=None)
@given(skipped=st.integers(0, len(COMPLETE) - 1))
def test_a_viewer_who_comes_at_any_time_ends_with_the_same_absolute_numbers(skipped):
    late = after_all(COMPLETE[skipped:])
    assert net_reward(late) == net_reward(WHOLE)
    if late.books.closed is not None:
        assert late.books.closed == WHOLE.books.closed


def test_hidden_events_are_not_for_viewers():
    planted = Teller().tell(WorldPlanted(product="tracker", defects=("d1",)))
    business = Business()
    assert reduce(business, planted) is business
