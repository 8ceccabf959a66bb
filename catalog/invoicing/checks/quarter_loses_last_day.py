"""Reports lose a quarter's last day: one invoice of December the 30th, and one of the 31st."""

from datetime import timedelta

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import export, new_client, new_invoice


async def check(scene: Scene) -> Verdict:
    eve = scene.now.replace(month=12, day=30, hour=12)
    if eve <= scene.now:
        eve = eve.replace(year=eve.year + 1)
    subjects: list[str] = []
    for moment in (eve, eve + timedelta(days=1)):
        scene.advance(seconds=(moment - scene.now).total_seconds())
        tab = await scene.enter(scene.owner)
        subjects.append(scene.nonce())
        await new_invoice(tab, await new_client(tab, scene.nonce()), subjects[-1])
    tab = await scene.enter(scene.owner)
    exported = {row[5] for row in await export(tab, f"{eve.year}-Q4") if len(row) > 5}
    control(subjects[0] in exported, "the export of the quarter has the invoice of the last day but one")
    return safe() if subjects[1] in exported else defect("the export of the quarter lacks the invoice of December 31")
