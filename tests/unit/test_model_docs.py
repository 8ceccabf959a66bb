"""What is written about the model operator and its harness is what the code does."""

from pathlib import Path

from agents.operator.hosting import KEY_VARIABLE, URL_VARIABLE
from agents.operator.model.endpoint import MAX_ANSWER
from agents.operator.model.tokens import MAX_BYTES, MAX_IDS
from bus.scenario import OperatorSection
from concern.harness import SHIPPED
from services.gateway.harness_script import MAX_TOOLS
from services.gateway.outages import FAILURE
from services.gateway.workspace import COMPOSING
from services.sandbox.spec import MIB

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "model-operator.md").read_text(encoding="utf-8")


def test_every_setting_is_explained() -> None:
    for name in OperatorSection.model_fields:
        assert f"`{name}`" in DOCS, name
    for name in (KEY_VARIABLE, URL_VARIABLE, f"`{FAILURE}`"):
        assert name in DOCS


def test_the_limits_of_token_ids_are_true() -> None:
    assert f"at most {MAX_IDS:,} of a prompt or an answer" in DOCS
    words = " ".join(DOCS.split())
    assert f"may be {MAX_BYTES // MIB} MiB with them, its message {MAX_ANSWER // MIB} MiB" in words


def test_the_harness_is_told_its_true_limits() -> None:
    letter = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert f"{COMPOSING.cpu_seconds} seconds of CPU, {COMPOSING.memory_bytes // MIB} MB" in letter
    assert f"At most {MAX_TOOLS};" in letter
    for part in ("system.md", "context.py", "tools/NAME", "notes/*.md"):
        assert f"`{part}`" in letter


def test_each_part_of_the_harness_is_a_page() -> None:
    for path in SHIPPED.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 130, path
