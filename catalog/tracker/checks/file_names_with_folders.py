"""File names lead through folders: files are attached whose names go some folders down, and up again."""

from agents.web.browser import Upload
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project, upload


async def check(scene: Scene) -> Verdict:
    plain = scene.nonce()
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, scene.nonce())
    file = await upload(tab, task, f"{plain}.txt", plain.encode())
    control(await tab.download(file, "fetch it") == plain.encode(), "a file comes back as it was")
    for way in ("plans/../../{}.txt", "....//....//{}.txt"):
        nonce = scene.nonce()
        await tab.press(
            "Upload file", {}, "upload", upload=Upload("File", way.format(nonce), b"x"), expect=range(200, 500)
        )
        page = await tab.go(task, "look at the files")
        shown = [link.text for link in page.links if nonce in link.text]
        if any("/" in name or ".." in name for name in shown):
            return defect(f"a file is called {shown[0]!r}")
    return safe()
