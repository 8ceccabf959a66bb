"""A variant with what counts its statements in it, and the counts as they are read from outside."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from concern.catalog.children import counter
from concern.catalog.differing.walking import Sums
from concern.catalog.trees import Layer, Recipe
from concern.catalog.workshop import Built

_MODULE = counter.__name__.rpartition(".")[2]
_FILE = "counts"
ASKED = ("statements", "rows", "instructions", "statements under the write lock")
COUNTED = (*ASKED, "bytes answered")


def countable(recipe: Recipe) -> Recipe:
    """The same product with the counter beside it; nothing of it uses that by itself."""
    lines = Path(counter.__file__).read_text(encoding="utf-8").splitlines()
    head = f"--- /dev/null\n+++ b/{_MODULE}.py\n@@ -0,0 +1,{len(lines)} @@\n"
    return recipe.on_top(recipe.title, Layer(_MODULE, head + "".join(f"+{line}\n" for line in lines)))


def counted(built: Built) -> Built:
    """As `built`, of a countable product, with every instance counting."""
    infra = built.infra
    assert infra.app.command is not None
    env = infra.app.env | {"COUNTER_FILE": f"{{data}}/{_FILE}"}
    command = _command(infra.app.command)
    app = infra.app.model_copy(update={"command": command, "entry": None, "env": env})
    return replace(built, infra=infra.model_copy(update={"app": app}))


def counts(folder: Path) -> Sums:
    """What all instances on these data have used so far, as in `ASKED`."""
    read = [counter.COUNTS.unpack_from(file.read_bytes()) for file in folder.glob(f"{_FILE}.*")]
    return tuple(map(sum, zip(*read, strict=True))) if read else (0,) * len(ASKED)


def slow(folder: Path, delay_ms: float) -> None:
    """From now on each statement of the instances on these data takes so much longer."""
    for file in folder.glob(f"{_FILE}.*"):
        with file.open("r+b") as opened:
            opened.seek(counter.COUNTS.size)
            opened.write(counter.DELAY.pack(round(1000 * delay_ms)))


def _command(command: Sequence[str]) -> tuple[str, ...]:
    python, dash_m, *rest = command
    return (python, dash_m, _MODULE, *rest)
