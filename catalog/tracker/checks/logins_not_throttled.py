"""Passwords can be guessed: many wrong ones from one address, the tricks of guessers included, and nothing stops them."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import log_in, new_project

TRIES = 25
OWN_LOGIN_EVERY = 8


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    await new_project(await scene.enter(scene.owner), nonce)
    right = await scene.other_device(scene.owner)
    control(right.page.link(nonce) is not None, "the right password opens the account")
    await scene.enter(scene.outsider)
    guesser = scene.visit()
    for count in range(TRIES):
        if count % OWN_LOGIN_EVERY == OWN_LOGIN_EVERY - 1:
            await log_in(guesser, scene.outsider.email, scene.outsider.password)
            guesser.visitor.jar.clear()
        answer = await log_in(guesser, _written(scene.owner.email, count), f"wrong {scene.nonce()}")
        if answer.status == 429:
            return safe()
        control(answer.status < 500 and nonce not in answer.text, "a wrong password opens nothing")
    return defect(f"{TRIES} wrong passwords for one account from one address, and none was refused for their number")


def _written(email: str, count: int) -> str:
    """The same address with other capitals: the bits of `count` say which letters."""
    return "".join(each.upper() if count >> place & 1 else each for place, each in enumerate(email))
