"""Overdue by another day: a team on Kiritimati has a task that is due on a day which is over there, and not in London."""

from datetime import timedelta

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task


async def check(scene: Scene) -> Verdict:
    late, over = scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.outsider)
    await tab.go("/settings", "open the settings")
    await tab.press("Save settings", {"Time zone": "Pacific/Kiritimati"}, "choose the time zone")
    project = await new_project(tab, scene.nonce())
    if scene.now.hour < 12:
        scene.advance(hours=12 - scene.now.hour)  # there, the next day has begun
    today = scene.now.date()
    await new_task(tab, project, late, {"Due date": (today - timedelta(days=3)).isoformat()})
    await new_task(tab, project, over, {"Due date": today.isoformat()})
    page = await tab.go("/reports", "read the report")
    control(page.link(late) is not None, "what was due three days ago is overdue")
    return safe() if page.link(over) is not None else defect("a day that is over there is not over in the report")
