"""Lists of tasks ask the database for each row: processor time of lists, against the good product."""

from catalog.checking import Scene, Verdict, defect, safe

DEAR = 1.4


async def check(scene: Scene) -> Verdict:
    await scene.enter(scene.owner)
    profile = await scene.profile()
    ratio = max(profile.ratio["list"], profile.ratio["api_list"])
    return defect(f"a list of tasks costs {ratio:g} times the processor time") if ratio >= DEAR else safe()
