"""The list of members tells more than who they are: their stored passwords, on the page or by API."""

import re

from catalog.checking import Scene, Verdict, control, defect, safe

_STORED = re.compile(r"\$(?:argon2(?:id|i|d)|2[aby]|scrypt|pbkdf2)[^\s\"']*\$|\bpbkdf2(?:_|:)\w+[$:]|scrypt:\d+:")
"""How password hashes begin, by whatever library."""


async def check(scene: Scene) -> Verdict:
    name = f"Kim {scene.nonce()}"
    await scene.enter(scene.owner)
    theirs = await scene.enter(scene.member)
    await theirs.go("/account", "open the account")
    await theirs.press("Save name", {"Your name": name}, "save the name")
    page = await theirs.go("/members", "look at the members")
    control(scene.owner.email in page.text and name in page.text, "the members' page shows who they are")
    if _STORED.search(theirs.answer.text):
        return defect("the members' page has their password hashes in it")
    api = await scene.program(scene.member)
    await api.call("GET", "/api/v1/members", "list the members")
    control(scene.owner.email in api.answer.text and name in api.answer.text, "the API lists the members")
    return defect("the API's list of members has their password hashes") if _STORED.search(api.answer.text) else safe()
