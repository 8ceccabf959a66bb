"""Saving a name saves whatever else is sent with it: a role, the address that names the account, the plan."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import role_of, send_altered


async def check(scene: Scene) -> Verdict:
    theirs = await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    email, name = scene.member.email, f"Kim {scene.nonce()}"
    await theirs.go("/account", "open the account")
    await theirs.press("Save name", {"Your name": name}, "save the name")
    page = await mine.go("/members", "look at the members")
    control(name in page.text and role_of(mine, email) == "Member", "a member's new name is shown, with the role")
    plan = (await mine.go("/billing", "look at the bill")).texts("dl", "details")
    await theirs.go("/account", "open the account")
    role = {"role": "admin", "plan": "business", "seats": "50"}
    await send_altered(theirs, "Save name", "send a role with the name", extra=role)
    await mine.go("/members", "look at the members")
    if role_of(mine, email) != "Member":
        return defect(f"a member sent a role with the own name, and is {role_of(mine, email)} now")
    if (await mine.go("/billing", "look at the bill")).texts("dl", "details") != plan:
        return defect("a member sent a plan with the own name, and it has changed")
    other = f"{scene.nonce()}@{email.partition('@')[2]}"
    await theirs.go("/account", "open the account")
    await send_altered(theirs, "Save name", "send an address with the name", extra={"email": other})
    page = await mine.go("/members", "look at the members")
    return (
        defect("an address sent with the name names the account now, without a password")
        if other in page.text
        else safe()
    )
