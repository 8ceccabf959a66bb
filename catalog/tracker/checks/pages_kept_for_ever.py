"""Pages stay in memory: what a request leaves behind, against the good product."""

from catalog.checking import Scene, Verdict, defect, safe


async def check(scene: Scene) -> Verdict:
    await scene.enter(scene.owner)
    profile = await scene.profile()
    return defect(f"each request leaves {profile.leak_bytes} bytes behind") if profile.leak_bytes else safe()
