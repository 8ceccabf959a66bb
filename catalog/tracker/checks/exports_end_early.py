"""Exports end early: a file of some tasks and then one of many is brought in, and taken out again."""

import csv
import io

from agents.web.browser import Browser, Upload
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project

FEW, MANY = 3, 60


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    few, many = f"Few {scene.nonce()}", f"Many {scene.nonce()}"
    await _bring_in(tab, few, FEW)
    control(len(await _taken_out(tab, few)) == FEW, "a small project is exported")
    await _bring_in(tab, many, MANY)
    found = len(await _taken_out(tab, many))
    return safe() if found == MANY else defect(f"of {MANY} tasks of a project {found} are in the export")


async def _bring_in(tab: Browser, project: str, count: int) -> None:
    await new_project(tab, project)
    lines = ["Title,Project", *(f"{project} {number},{project}" for number in range(count))]
    await tab.go("/import", "open the import")
    file = Upload("CSV file", "tasks.csv", "\n".join(lines).encode())
    await tab.press("Preview import", {}, "look at the file", upload=file)
    await tab.press("Import tasks", {}, "import the tasks")


async def _taken_out(tab: Browser, project: str) -> set[str]:
    content = await tab.download("/export/tasks?format=csv", "export the tasks")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return {row["Title"] for row in rows if row["Project"] == project}
