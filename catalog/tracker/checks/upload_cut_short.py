"""Larger files are cut off: a small and a large one are stored and fetched again."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project, upload


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, scene.nonce())
    small, large = scene.nonce().encode(), scene.chance.randbytes(300_000)
    first = await upload(tab, task, "small.bin", small)
    second = await upload(tab, task, "large.bin", large)
    control(await tab.download(first, "fetch the small file") == small, "a small file comes back as it was")
    back = await tab.download(second, "fetch the large file")
    return safe() if back == large else defect(f"of {len(large)} bytes {len(back)} came back, or others")
