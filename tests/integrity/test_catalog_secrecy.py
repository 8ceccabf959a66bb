"""Nothing of the catalog reaches the operator: not its files, not its git objects, not its processes' environment."""

import os
import subprocess
from pathlib import Path

import pytest

from catalog.choices import load_choices
from catalog.defects import Shape, fixes_for, load_defects
from catalog.products import load_product, product_names
from catalog.reading import CATALOG
from catalog.requests import load_requests
from concern.building import Wish, build_world
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import Bind, SandboxSpec
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio
LONG = 24
"""Shorter lines may stand anywhere by chance."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def secrets(product: str, planted: list[Shape]) -> dict[str, str]:
    """Texts that only the catalog has, with where they come from."""
    found: dict[str, str] = {}
    for defect in load_defects(product).values():
        about = defect.about
        for text in (about.title, about.noticed_by, about.fix_message):
            found[text] = defect.name
        found |= {shape.full_name: defect.name for shape in defect.shapes}
    for request in load_requests(product).values():
        for text in (request.about.brief, request.about.contract, *(one.about.better_at for one in request.variants)):
            found[text.strip().splitlines()[0]] = request.name
    for choice in load_choices(product).values():
        found |= {option.about.right_where: option.full_name for option in choice.options}
    for shape in planted:
        for line in shape.fix.splitlines():
            if line.startswith("+") and not line.startswith("+++") and len(line.strip()) > LONG:
                found[line[1:].strip()] = f"the fix of {shape.full_name}"
    return {text: where for text, where in found.items() if len(text) > LONG or "/" in text}


@pytest.mark.parametrize("product", product_names())
async def test_the_operators_world_has_no_text_of_the_catalog(product: str, tmp_path: Path) -> None:
    wished = {
        "world": {"product": product, "defects": 6},
        "users": {"customers": 4, "panel": 2, "history_tasks": 20},
    }
    world = await build_world(Wish(load_scenario("short", overrides=wished), 3, "noop"), tmp_path / "world")
    names = {name.partition("/")[0] for name in world.file.planted}
    planted = [shape for shape in _shapes(product) if shape.full_name in world.file.planted]
    assert len(planted) == len(names) > 2
    assert fixes_for(product, world.file.planted)
    workspace = world.root / "workspace"
    texts = {
        str(file): file.read_bytes() for file in workspace.rglob("*") if file.is_file() and ".git" not in file.parts
    }
    texts |= {f"object {one}": content for one, content in _objects(workspace).items()}
    texts["environment"] = await _environment(tmp_path, workspace)
    assert len(texts) > 200
    wanted = secrets(product, planted)
    unchanged = {text for text in wanted if any(text in line for line in _good_lines_left(product, planted))}
    assert len(wanted) - len(unchanged) > 40
    leaks = [
        (where, text, wanted[text])
        for where, content in texts.items()
        for text in wanted
        if text not in unchanged and text.encode() in content
    ]
    assert leaks == []
    assert not any(str(CATALOG).encode() in content for content in texts.values())


def _shapes(product: str) -> list[Shape]:
    return [shape for defect in load_defects(product).values() for shape in defect.shapes]


def _good_lines_left(product: str, planted: list[Shape]) -> set[str]:
    """Lines of a fix that the good product has in another place too: they give nothing away."""
    left: set[str] = set()
    sources = [
        file.read_text() for file in load_product(product).tree.rglob("*.*") if file.suffix in (".py", ".html", ".css")
    ]
    for shape in planted:
        for line in shape.fix.splitlines():
            text = line[1:].strip()
            if line.startswith("+") and not line.startswith("+++") and shape.plant.count(text) > 1:
                left.add(text)
            if text and sum(source.count(text) for source in sources) > 1:
                left.add(text)
    return left


def _objects(workspace: Path) -> dict[str, bytes]:
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(workspace)}
    safe = ("-c", f"safe.directory={workspace}")

    def git(*words: str) -> bytes:
        return subprocess.run(
            ["git", *safe, *words], cwd=workspace, env=environment, capture_output=True, check=True
        ).stdout

    names = git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").decode().split("\n")
    return {name: git("cat-file", *reversed(name.split())) for name in names if name}


async def _environment(tmp_path: Path, workspace: Path) -> bytes:
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", binds=(Bind(workspace, "/workspace"),)))
    script = "import glob; [print(open(f, 'rb').read()) for f in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline')]"
    done = await sandbox.run([sandbox.python, "-I", "-S", "-c", script])
    assert done.code == 0
    assert b"PATH=" in done.stdout
    return done.stdout
