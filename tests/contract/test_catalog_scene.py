"""A scene keeps its promises on the real product in the sandbox, and products that answer all alike are never safe."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from agents.web.failure import JourneyFailed
from bus.chance import Chance
from catalog.checking import Customer, Profile, Scene, Verdict, at_once, control, safe
from catalog.checking.verdict import ControlFailed, judged
from catalog.products import load_product
from catalog.proofs import accounts_for
from catalog.tracker.steps import comment, new_project, new_task, set_status, task_in_project, upload
from concern.catalog.hostile import FLAVOURS, HostileSite
from concern.catalog.mail import letters_in
from concern.catalog.trees import Layer, planted
from concern.catalog.visible import room_for_tests
from concern.catalog.workshop import START, Built, ServedSite, Workshop, workshop
from services.sandbox.spec import Isolation

pytestmark = pytest.mark.anyio
PRODUCT = load_product("tracker")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Unmeasured:
    async def profile(self, workshop: Workshop, built: Built) -> Profile:
        raise ControlFailed("nothing is measured here")


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[ServedSite]:
    async with workshop(PRODUCT, folder / "work", Unmeasured()) as place:
        async with place.serving(place.build(planted(PRODUCT, ()))) as site:
            yield site


def fresh(site: object, name: str = "scene") -> Scene:
    return Scene.fresh(site, accounts_for("tracker"), Chance(1).python(name))  # type: ignore[arg-type]


async def people(scene: Scene) -> None:
    customer: Customer = scene
    mine, theirs = await customer.enter(scene.owner), await customer.enter(scene.member)
    foreign, stranger = await scene.enter(scene.outsider), scene.visit()
    nonce = scene.nonce()
    task = await task_in_project(mine, nonce)
    assert nonce in (await theirs.go(task, "a colleague reads")).text
    await foreign.go(task, "another company does not", expect=(404,))
    await stranger.go(task, "nor does somebody without an account")
    assert stranger.target.startswith("/login")
    api = await scene.program(scene.member)
    assert nonce in str(await api.call("GET", "/api/v1/tasks", "list"))
    assert nonce in (await (await scene.other_device(scene.owner)).go(task, "on another device")).text
    assert nonce in (await (await scene.elsewhere(scene.owner)).go(task, "through another instance")).text


async def time_and_jobs(scene: Scene) -> None:
    tab = await scene.enter(scene.owner)
    nonce = scene.nonce()
    due = (scene.now + timedelta(days=3)).date().isoformat()
    task = await task_in_project(tab, nonce, {"Due date": due})
    file = await upload(tab, task, "a.bin", b"content")
    assert (await scene.run_job("reminders")).code == 0
    assert nonce not in (await tab.go("/notifications", "too early")).text
    scene.advance(days=2)
    assert scene.now == scene.site.now >= START + timedelta(days=2)
    assert (await scene.run_job("reminders")).code == 0
    assert nonce in (await tab.go("/notifications", "now it is due tomorrow")).text
    await scene.restart()
    assert await tab.download(file, "after a restart") == b"content"
    used = scene.cpu_ns()
    await tab.go(task, "work")
    assert scene.cpu_ns() > used
    (letter,) = scene.mailbox(scene.owner.email)
    assert nonce in letter.subject
    assert scene.mailbox(scene.outsider.email) == []
    with pytest.raises(LookupError, match="has no job 'nope'; it has: .'reminders'"):
        await scene.run_job("nope")


async def interleaving(scene: Scene) -> None:
    first, second = await scene.enter(scene.owner), await scene.enter(scene.member)
    task = await new_task(first, await new_project(first, scene.nonce()), scene.nonce())
    for tab in (first, second):
        await tab.go(task, "open the task")
    failed = await at_once(*(tab.press("Update status", {"Status": "Done"}, "finish") for tab in (first, second)))
    assert [one is None for one in failed].count(True) == 1
    assert [one.exchange.status for one in failed if one is not None] == [409]


async def test_three_ordinary_people_with_time_jobs_and_two_instances(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await people(fresh(site, "people"))
        await time_and_jobs(fresh(site, "time"))
        await interleaving(fresh(site, "interleaving"))
        with pytest.raises(ControlFailed):
            await fresh(site).profile()


async def needs_nothing(scene: Scene) -> Verdict:
    await scene.enter(scene.owner)
    return safe()


async def reads_back(scene: Scene) -> Verdict:
    nonce, task = scene.nonce(), await task_in_project(await scene.enter(scene.owner), scene.nonce())
    tab = await scene.enter(scene.member)
    await comment(tab, task, nonce)
    await set_status(tab, task, "Done")
    control(nonce in (await tab.go(task, "read")).text, "a comment is read again")
    return safe()


async def test_hostile_products_break_a_check_that_reads_back(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        assert (await judged(reads_back, fresh(site, "good"))).outcome == "safe"
        for name, flavour in FLAVOURS.items():
            verdict = await judged(reads_back, fresh(HostileSite(site, flavour), name))
            assert (name, verdict.outcome) == (name, "broken")
            assert verdict.evidence
        # People get in, so that a check without a control is found out.
        careless = await judged(needs_nothing, fresh(HostileSite(site, FLAVOURS["read-only"]), "careless"))
        assert careless.outcome == "safe"
        with pytest.raises(JourneyFailed):
            await reads_back(fresh(HostileSite(site, FLAVOURS["connections closed"]), "closed"))


async def test_visible_tests_run_in_a_sandbox_and_tell_which_failed(tmp_path: Path) -> None:
    patch = (
        "--- /dev/null\n+++ b/tests/test_more.py\n@@ -0,0 +1,6 @@\n+import os\n+\n+\n"
        "+def test_fails():\n+    assert sorted(os.environ) == []\n+\n"
    )
    quick = PRODUCT.model_copy(
        update={
            "checking": PRODUCT.checking.model_copy(update={"tests": ("python", "-m", "pytest", "tests/test_more.py")})
        }
    )
    async with (
        workshop(quick, tmp_path / "work", Unmeasured()) as place,
        room_for_tests(place.driver.layout, tmp_path / "tests", Isolation.FULL) as room,
    ):
        built = place.build(planted(quick, ()).on_top("more", Layer("more", patch)))
        tested = await room.run(built)
    assert (tested.passed, tested.detail) == (False, "tests/test_more.py::test_fails")


def test_letters_are_read_from_the_mail_folder(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(
        b"To: a@x.example, b@x.example\r\nSubject: Due =?utf-8?b?w6Q=?=\r\n\r\nTomorrow.\r\n"
    )
    (tmp_path / "2.eml").symlink_to(tmp_path / "1.eml")
    letter, *others = letters_in(tmp_path)
    assert (letter.to, letter.subject, letter.text.strip(), others) == (
        ("a@x.example", "b@x.example"),
        "Due ä",
        "Tomorrow.",
        [],
    )
