"""Uploaded pages are served as pages of the product: a drawing is attached and its address opened."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project, upload


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, nonce)
    for name in ("plan.svg", "plan.xml"):
        content = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{nonce}</text></svg>'.encode()
        file = await upload(tab, task, name, content)
        control(await tab.download(file, "fetch it") == content, "the file comes back as it was")
        if not tab.answer.headers.get("content-disposition", "").lower().startswith("attachment"):
            return defect(f"{name} opens in the browser, from the product's own address")
    return safe()
