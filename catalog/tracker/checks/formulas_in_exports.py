"""Exports hold formulas: projects and descriptions that begin like one are exported as CSV."""

import csv
import io

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    project = await new_project(tab, f"=1+1&{nonce}")
    await new_task(tab, project, f"Plain {nonce}", {"Description": f"=2+2&{nonce}\nand more"})
    content = await tab.download("/export/tasks?format=csv", "export the tasks")
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if f"Plain {nonce}" in row]
    control(len(rows) == 1, "the task is in the export")
    cells = [cell for cell in rows[0] if nonce in cell]
    control(len(cells) == 3, "with its project and its description")
    return defect("a cell of the export is a formula") if any(cell.startswith("=") for cell in cells) else safe()
