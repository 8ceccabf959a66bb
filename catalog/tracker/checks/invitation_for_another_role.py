"""The invited choose their role: somebody who is invited as a member sends another role with the form."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import invitation_for, role_of, send_altered


async def check(scene: Scene) -> Verdict:
    mine = await scene.enter(scene.owner)
    await scene.enter(scene.member)
    await mine.go("/members", "look at the members")
    control(role_of(mine, scene.member.email) == "Member", "who was invited as a member is one")
    email, password = f"{scene.nonce()}@{scene.owner.email.partition('@')[2]}", f"joins-{scene.nonce()}"
    guest = scene.visit()
    await guest.go(await invitation_for(mine, email), "open the invitation", typed=True)
    sent = {"name": "Kim Guest", "password": password, "role": "admin"}
    await send_altered(guest, "Join team", "join with another role", extra=sent)
    await mine.go("/members", "look at the members")
    role = role_of(mine, email)
    return defect(f"invited as a member, joined as {role}") if role not in ("", "Member") else safe()
