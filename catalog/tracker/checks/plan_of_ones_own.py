"""Plans that cost nothing: the form that changes the plan is sent with a plan that is not offered."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import send_altered


async def check(scene: Scene) -> Verdict:
    tab = await scene.enter(scene.owner)
    await tab.go("/billing", "open the bill")
    await tab.press("Change plan", {"Plan": "Business", "Seats": "3"}, "take a plan that is offered")
    control("$60.00" in (await tab.go("/billing", "read the bill")).text, "the bill is the price times the seats")
    for plan in ("free", "internal"):
        await send_altered(tab, "Change plan", "take a plan that is not offered", extra={"plan": plan})
        page = await tab.go("/billing", "read the bill")
        control("Monthly total" in page.text, "there is a bill")
        if "$60.00" not in page.text:
            return defect(f"with the plan {plan!r} of one's own the bill is another one")
    return safe()
