"""A task is copied with its words, its priority and its labels, by a colleague; the old one stays as it was."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import task_in_project


async def accept(scene: Customer) -> None:
    title, words, said = (scene.nonce() for _ in range(3))
    names = [f"l{scene.nonce()}" for _ in range(2)]
    mine = await scene.enter(scene.owner)
    await mine.go("/labels", "open the labels")
    for name in names:
        await mine.press("Create label", {"Label name": name}, "make a label")
    content = {"Description": f"First <this>.\n\nThen {words} & that.", "Priority": "High"}
    own = {"Assignee": scene.owner.name, "Due date": "2027-12-24", "Status": "Doing"}
    task = await task_in_project(mine, f"<{title}>", {**content, **own})
    for name in names:
        await mine.press("Add label", {"Label": name}, "put a label on")
    await mine.press("Add comment", {"Comment": said}, "comment")
    theirs = await scene.enter(scene.member)
    before = (await theirs.go(task, "open the task")).texts("dl", "details")
    page = await theirs.press("Copy task", {}, "copy the task")
    details = " ".join(page.texts("dl", "details"))
    if theirs.target == task or page.heading != f"Copy of <{title}>" or f"Then {words} & that." not in page.text:
        missing(theirs, "read the copy", "the copy does not say what the task does", item=words)
    if not all(f"Remove label {name}" in page.text for name in names) or "High" not in details:
        missing(theirs, "see the copy's labels and priority", "the copy lacks a label or the priority", item=title)
    if "2027-12-24" in details or scene.owner.name in details or "Doing" in details or said in page.text:
        missing(theirs, "see a fresh task", "the copy has what belongs to the old task alone", item=title)
    page = await mine.go(task, "open the old task")
    if page.texts("dl", "details") != before or page.heading != f"<{title}>" or said not in page.text:
        missing(mine, "see the old task", "the old task was changed by the copy", item=title)
