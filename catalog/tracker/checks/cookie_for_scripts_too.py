"""Cookies lack their flags: the owner logs in and sets a new password; each time the cookie that lets in is looked at."""

from collections.abc import Mapping
from urllib.parse import urlencode

from agents.web.browser import Browser
from agents.web.wire import Request, Response
from catalog.checking import Scene, Verdict, control, defect, safe


async def check(scene: Scene) -> Verdict:
    await scene.enter(scene.owner)
    tab = scene.visit()
    person = scene.owner
    answer = await _post(tab, "/login", {"email": person.email, "password": person.password})
    cookie = await _cookie_that_lets_in(tab, answer, "a log-in")
    if not _is_protected(cookie):
        return defect(f"a log-in hands out a cookie with only {cookie.partition(';')[2].strip() or 'nothing'!r}")
    new = {"current_password": person.password, "new_password": person.password}
    answer = await _post(tab, "/account/password", new, cookie.partition(";")[0])
    cookie = await _cookie_that_lets_in(tab, answer, "a new password")
    if not _is_protected(cookie):
        return defect(f"a new password hands out a cookie with only {cookie.partition(';')[2].strip() or 'nothing'!r}")
    return safe()


async def _cookie_that_lets_in(tab: Browser, answer: Response, occasion: str) -> str:
    """The whole header of the one cookie with which a page is shown."""
    lets_in = [line for line in answer.cookies if await _lets_in(tab, line.partition(";")[0])]
    control(len(lets_in) == 1, f"{occasion} hands out a cookie that lets in")
    return lets_in[0]


def _is_protected(cookie: str) -> bool:
    flags = cookie.partition(";")[2].lower()
    return "httponly" in flags and "samesite" in flags


async def _post(tab: Browser, target: str, form: Mapping[str, str], cookie: str = "") -> Response:
    headers = {"Host": tab.host, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    return await tab.door.send(Request("POST", target, _with(headers, cookie), urlencode(form).encode()))


async def _lets_in(tab: Browser, cookie: str) -> bool:
    answer = await tab.door.send(Request("GET", "/projects", _with({"Host": tab.host}, cookie)))
    return answer.status == 200 and "Log out" in answer.text


def _with(headers: Mapping[str, str], cookie: str) -> dict[str, str]:
    return {**headers, "Cookie": cookie} if cookie else dict(headers)
