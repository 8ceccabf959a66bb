"""The screen as people see it, as lines of text, and what the keys do."""

import anyio
import pytest
from made_up_business import PLAYBILL, at_once, made_up

from bus.context import EpisodeOver
from bus.messages.base import Refused
from bus.messages.clock import WorldStatus
from bus.transport.protocol import BusError
from tui.app import Watch, watch
from tui.playbill import Playbill
from tui.state import net_reward
from tui.widgets.closing import Closing
from tui.widgets.help import Help
from tui.widgets.rewards import Rewards

pytestmark = pytest.mark.anyio
MIDWAY = made_up()[:3_000]
"""Two weeks, left on the fourth day."""


def screen_text(app):
    """The screen's lines, without colours."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def unending(events):
    """A live world: what was said, then silence."""
    for delivered in events:
        yield delivered
    await anyio.Event().wait()


async def settled_screen(pilot, heard):
    """Wait until that many events are on the screen."""
    app = pilot.app
    while app.business.heard < heard:
        await pilot.pause()
    app.draw()
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_overview(snapshot, size):
    app = Watch(unending(MIDWAY), PLAYBILL)
    async with app.run_test(size=size) as pilot:
        await settled_screen(pilot, len(MIDWAY))
        assert screen_text(app) == snapshot


@pytest.mark.parametrize("key", ["2", "3", "4", "5"])
async def test_views(snapshot, key):
    app = Watch(unending(MIDWAY), PLAYBILL)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled_screen(pilot, len(MIDWAY))
        await pilot.press(key)
        await settled_screen(pilot, len(MIDWAY))
        assert screen_text(app) == snapshot


async def test_an_unknown_world_has_dashes_and_no_numbers(snapshot):
    app = Watch(unending([]), Playbill())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled_screen(pilot, 0)
        assert screen_text(app) == snapshot


@pytest.mark.parametrize("voided", [False, True], ids=["settled", "voided"])
async def test_the_last_word_stays(snapshot, voided):
    events = made_up(2, voided=voided)
    app = Watch(at_once(events), PLAYBILL)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled_screen(pilot, len(events))
        assert app.query_one(Closing).display
        assert screen_text(app) == snapshot


async def test_a_lost_bus_is_said_and_the_numbers_stay():
    async def breaking():
        for delivered in MIDWAY[:500]:
            yield delivered
        raise BusError("connection refused")

    app = Watch(breaking(), PLAYBILL)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.workers.wait_for_complete()
        await settled_screen(pilot, 500)
        text = screen_text(app)
    assert "The bus was lost: connection refused" in text
    assert "500 events" in text


async def test_hold_keeps_the_picture_while_the_business_goes_on():
    send, receive = anyio.create_memory_object_stream(float("inf"))
    app = Watch(receive, PLAYBILL)
    async with send, app.run_test(size=(80, 24)) as pilot:
        for delivered in MIDWAY[:300]:
            send.send_nowait(delivered)
        await settled_screen(pilot, 300)
        await pilot.press("h")
        held = screen_text(app).splitlines()[:-1]
        for delivered in MIDWAY[300:900]:
            send.send_nowait(delivered)
        await settled_screen(pilot, 900)
        assert screen_text(app).splitlines()[:-1] == held
        assert "held, 600 behind" in screen_text(app)
        await pilot.press("h")
        await settled_screen(pilot, 900)
        assert "held" not in screen_text(app)
        assert screen_text(app).splitlines()[:-1] != held
    receive.close()


async def test_the_last_word_comes_also_while_held():
    send, receive = anyio.create_memory_object_stream(float("inf"))
    events = made_up(1)
    app = Watch(receive, PLAYBILL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("h")
        for delivered in events:
            send.send_nowait(delivered)
        send.close()
        await settled_screen(pilot, len(events))
        assert "Settled. net reward" in screen_text(app)
        assert "No more to hear" not in screen_text(app)
    receive.close()


def remote_of(asked):
    """A clock somewhere that does what it is asked."""
    state, rate = "running", None

    async def remote(command):
        nonlocal state, rate
        asked.append((command.action, command.rate))
        state = {"pause": "paused", "step": "paused", "resume": "running"}.get(command.action, state)
        rate = command.rate if command.action == "speed" else rate
        return WorldStatus(state=state, tick=1, of=2, outcome=None, failure_kind=None, reason="", rate=rate)

    return remote


async def test_keys_move_the_worlds_clock():
    asked = []
    app = Watch(unending(MIDWAY[:300]), PLAYBILL, remote=remote_of(asked))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled_screen(pilot, 300)
        await pilot.press("p")
        await settled_screen(pilot, 300)
        assert "paused" in screen_text(app).splitlines()[-1]
        await pilot.press("n", "p", "minus", "minus", "plus", "plus")
        await settled_screen(pilot, 300)
        assert "full speed" in screen_text(app).splitlines()[-1]
    paces = [("speed", 86_400.0), ("speed", 14_400.0), ("speed", 86_400.0), ("speed", None)]
    assert asked == [("pause", None), ("step", None), ("resume", None), *paces]


async def test_a_refusing_clock_and_a_reading_screen_say_so():
    async def refusing(command):
        return Refused(code="not_running", detail="the episode is ending")

    async def over(command):
        raise EpisodeOver("it has ended")

    for remote, said in [(None, "This screen only reads"), (refusing, "the episode is ending"), (over, "is over")]:
        app = Watch(unending(MIDWAY[:50]), PLAYBILL, remote=remote)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await settled_screen(pilot, 50)
            await pilot.press("p")
            await settled_screen(pilot, 50)
            assert said in screen_text(app)


async def test_tab_moves_and_lists_scroll():
    app = Watch(unending(MIDWAY), PLAYBILL)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled_screen(pilot, len(MIDWAY))
        await pilot.press("2", "tab", "tab")
        assert isinstance(app.focused, Rewards)
        before = screen_text(app)
        for _ in range(3):
            await pilot.press("pagedown")
            await pilot.wait_for_animation()
        assert app.focused.scroll_offset.y > 2 * app.focused.size.height
        assert screen_text(app) != before
        await pilot.press("home")
        await pilot.wait_for_animation()
        assert screen_text(app) == before


async def test_help_opens_over_the_screen_and_closes():
    app = Watch(unending(MIDWAY[:300]), PLAYBILL)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled_screen(pilot, 300)
        await pilot.press("question_mark")
        assert isinstance(app.screen, Help)
        app.draw()  # the timer goes on beneath
        assert "hold the picture" in screen_text(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, Help)


async def test_q_leaves():
    app = Watch(unending(MIDWAY[:10]), PLAYBILL)
    async with app.run_test() as pilot:
        await pilot.press("q")
    assert app.return_code == 0


async def test_headless_leaves_when_settled_though_the_source_goes_on():
    business = await watch(unending(made_up(2)), PLAYBILL, headless=True, size=(80, 24))
    assert business.over
    assert net_reward(business) == business.rewards.over.sum


async def test_headless_leaves_when_the_source_ends():
    assert (await watch(at_once(MIDWAY), headless=True, size=(80, 24))).heard == len(MIDWAY)


async def test_it_runs_beside_a_world_and_goes_when_cancelled():
    worked = 0
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: watch(unending(MIDWAY), headless=True, size=(80, 24)))
        for _ in range(500):
            await anyio.lowlevel.checkpoint()
            worked += 1
        tasks.cancel_scope.cancel()
    assert worked == 500
