"""The log-in tells strangers who has an account: the same wrong passwords for an address that has one and one that has none."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import log_in, new_project

TRIES = 12
"""More than people need, and enough that the log-in begins to refuse."""


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    await new_project(await scene.enter(scene.owner), nonce)
    right = await scene.other_device(scene.owner)
    control(right.page.link(nonce) is not None, "the known address opens its account with the right password")
    known = scene.owner.email
    unknown = f"{scene.nonce()}@{known.partition('@')[2]}"
    one, other = scene.visit(), scene.visit()
    for count in range(TRIES):
        answers: list[tuple[int, str]] = []
        for tab, email in ((one, known), (other, unknown)):
            answer = await log_in(tab, email, "certainly not this")
            control(nonce not in answer.text, "a wrong password opens nothing")
            answers.append((answer.status, tab.page.text))
        if answers[0] != answers[1]:
            return defect(f"try {count + 1}: an address with an account gets {answers[0]}, another one {answers[1]}")
    return safe()
