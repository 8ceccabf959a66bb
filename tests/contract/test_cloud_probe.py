"""The demand probe on real processes: a dearer release shows, an equal one does not, and a rerun reads the cache."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloud_product import Repository

from services.cloud.demand import ProbeKind, ProbePlan, ProbeRequest
from services.cloud.fleet import Software
from services.cloud.infra import parse
from services.cloud.layout import Layout
from services.cloud.process import process_driver
from services.cloud.reference import read_plan, reference_profiler
from services.sandbox.spec import Isolation

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

START = datetime(2030, 1, 1, tzinfo=UTC)
HELLO = '    return web.Response(text=VERSION + " "'
FORM = ProbeRequest(method="POST", path="/note", form={"text": "note {n} {version}"})
PLAN = ProbePlan(
    login=(ProbeRequest(path="/", capture={"version": r"(\w+)"}),),
    kinds=(
        ProbeKind(kind="read", cpu_ms=1.0, request=ProbeRequest(path="/?q={version}")),
        ProbeKind(kind="write", cpu_ms=2.0, write_ms=1.0, request=FORM),
        ProbeKind(kind="gone", cpu_ms=1.0, request=ProbeRequest(path="/nowhere")),
    ),
    pairs=8,
    leak_requests=400,
)


async def test_a_dearer_release_shows_and_an_equal_one_does_not(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "workspace")
    root = tmp_path / "cloud"
    layout = Layout(root, tmp_path / "workspace")
    repository.git("worktree", "add", "-q", str(root / "reference"), "HEAD")
    (root / "reference" / ".git").unlink()
    (root / "probe.json").write_text(PLAN.model_dump_json())
    plan = read_plan(root)
    assert plan == PLAN
    async with process_driver(layout, Isolation.FULL, START, "secret") as driver:
        infra = parse(await driver.show("HEAD", "deploy/infra.toml"))

        async def software() -> Software:
            release = await driver.build("HEAD")
            return Software(release.id, release.commit, infra.app, infra.health, infra.migrate.command)

        same = await software()
        repository.change(HELLO, "    sum(range(200_000))\n    KEPT.append(b'x' * 30_000)\n" + HELLO)
        repository.change('VERSION = "one"', 'VERSION = "one"\nKEPT = []')
        dear = await software()
        async with reference_profiler(driver, PLAN, Isolation.FULL, START) as profiler:
            equal = await profiler.profile(same)
            assert equal.ratio == {"read": 1.0, "write": 1.0, "gone": 1.0}
            assert equal.leak_bytes == {"read": 0, "write": 0, "gone": 0}
            assert not equal.cached
            costly = await profiler.profile(dear)
            assert costly.ratio["read"] > 2
            assert costly.ratio["write"] == 1.0
            # Only reading leaks, 32 KiB: each of the two kinds that answer is told the mean.
            assert costly.leak_bytes == dict.fromkeys(("read", "write", "gone"), 16_384)
            again = await profiler.profile(dear)
            assert again == costly.model_copy(update={"cached": True})
            assert driver.processes() == []
