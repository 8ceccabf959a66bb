"""Long file names lose their end: a file is attached, and a colleague looks for its name."""

from agents.web.browser import Upload
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project, upload


async def check(scene: Scene) -> Verdict:
    short, end = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, scene.nonce())
    await upload(mine, task, f"{short}.txt", b"short")
    name = "minutes of the meeting with the planners " * 3 + f"{end}.txt"
    await mine.press("Upload file", {}, "upload a file", upload=Upload("File", name, b"long"))
    theirs = await scene.enter(scene.member)
    page = await theirs.go(task, "look at the files")
    control(f"{short}.txt" in page.text, "a colleague sees the file with a short name")
    control("minutes of the meeting" in page.text, "a colleague sees the beginning of a long name")
    return safe() if f"{end}.txt" in page.text else defect("a file's name of 130 characters has lost its end")
