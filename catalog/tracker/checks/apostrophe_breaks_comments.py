"""An apostrophe breaks comments: one is written without it, and one with it; then it is searched."""

from catalog.checking import Scene, Verdict, control, defect, failing, safe
from catalog.tracker.steps import comment, search, task_in_project


async def check(scene: Scene) -> Verdict:
    plain, name, title = scene.nonce(), scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, title)
    await comment(tab, task, f"Ask {plain}.")
    await search(tab, plain)
    control(tab.page.link(title) is not None, "a task is found by what a comment says")
    failed = await failing(comment(tab, task, f"Don't ask O'{name}."))
    if failed is not None:
        return defect(f"a comment with an apostrophe fails: {failed.detail}")
    page = await tab.go(task, "read the comments")
    control(plain in page.text, "the first comment is shown")
    return safe() if f"O'{name}" in page.text else defect("a comment with an apostrophe is not shown")
