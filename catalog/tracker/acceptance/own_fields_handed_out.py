"""A task's own fields are in the API and in both exports."""

import csv
import io
import json

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    word, title, bare = scene.nonce(), scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await mine.follow("Project settings", "open the settings")
    await mine.follow("Fields", "open the fields")
    for name, kind in (("Customer", "Text"), ("Size", "Number"), ("Unused", "Text")):
        await mine.press("Add field", {"Field name": name, "Kind": kind}, "add a field")
    empty = await new_task(mine, project, bare)
    task = await new_task(mine, project, title)
    await mine.follow("Fields", "open the task's fields")
    await mine.press("Save fields", {"Customer": word, "Size": "2.50"}, "fill the fields")
    wanted = {"Customer": word, "Size": "2.5"}
    program = await scene.program(scene.owner)
    for address, fields in ((task, wanted), (empty, {})):
        answer = await program.call("GET", f"/api/v1{address}/fields", "read a task's fields")
        if answer.get("fields") != fields:
            raise program.failure("lost_item", "read the fields", f"the API says {answer.get('fields')}", item=word)
    found = json.loads(await mine.download("/export/tasks?format=json", "download the tasks"))["tasks"]
    if {row["title"]: row.get("fields") for row in found if row["title"] in (title, bare)} != {title: wanted, bare: {}}:
        missing(mine, "read the JSON export", "it has not the fields", item=word)
    rows = list(csv.reader(io.StringIO((await mine.download("/export/tasks?format=csv", "download")).decode())))
    cells = {row[rows[0].index("Title")]: row[-1] for row in rows}
    if rows[0][-1] != "Fields" or cells.get(title) != f"Customer: {word}; Size: 2.5" or cells.get(bare) != "":
        missing(mine, "read the CSV export", f"its last column is {cells.get(title)!r}", item=word)
