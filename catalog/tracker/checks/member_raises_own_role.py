"""Members give themselves another role: the owner can do that for them; then the member sends the owner's form."""

import re

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import role_of, send_altered


async def check(scene: Scene) -> Verdict:
    theirs = await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    name, email = scene.member.name, scene.member.email
    action = ""
    for role in ("Admin", "Member"):
        await mine.go("/members", "open the members")
        form = mine.page.form(f"Change role of {name}")
        action = form.action if form else ""
        control(bool(action), "the owner sees the form that changes a member's role")
        await mine.press(f"Change role of {name}", {f"Role of {name}": role}, "change the role")
        await mine.go("/members", "look at the roles")
        control(re.search(rf"\b{role}\b", role_of(mine, email)) is not None, f"the owner makes a member {role}")
    await theirs.go("/members", "open the members")
    await send_altered(theirs, "Log out", "send the owner's form", action=action, extra={"role": "admin"})
    await mine.go("/members", "look at the roles")
    now = role_of(mine, email)
    return safe() if now == "Member" else defect(f"a member sent the form of {action} and is {now} now")
