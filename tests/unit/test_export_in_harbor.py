"""Exported trajectories against Harbor's own models, in an environment of their own: CONCERN_HARBOR_PYTHON names its python.

Harbor needs Python 3.12 and cannot share an environment with this project, so the test is skipped, loudly, where none is named.
"""

import os
import subprocess
from pathlib import Path

import pytest
from made_up_story import conversation, sampled_conversation, story

from concern.export.story import Story
from concern.export.writing import export

PYTHON = os.environ.get("CONCERN_HARBOR_PYTHON")
TOLD = [
    story(),
    story(voided=True),
    story(conversation=conversation()),
    story(conversation=sampled_conversation()),
]
CHECK = """
import sys
from harbor.models.trajectories import Trajectory
for path in sys.argv[1:]:
    Trajectory.model_validate_json(open(path, "rb").read())
"""


@pytest.mark.skipif(PYTHON is None, reason="set CONCERN_HARBOR_PYTHON to the python of an environment with harbor")
@pytest.mark.parametrize("told", TOLD)
def test_harbor_reads_what_is_exported(tmp_path: Path, told: Story) -> None:
    paths = export(told, "atif", tmp_path)
    assert PYTHON is not None
    done = subprocess.run([PYTHON, "-c", CHECK, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.skipif(PYTHON is None, reason="set CONCERN_HARBOR_PYTHON to the python of an environment with harbor")
def test_harbor_refuses_what_is_none(tmp_path: Path) -> None:
    assert PYTHON is not None
    (tmp_path / "t.json").write_text('{"schema_version": "ATIF-v1.8", "steps": []}')
    done = subprocess.run([PYTHON, "-c", CHECK, tmp_path / "t.json"], capture_output=True, check=False)
    assert done.returncode != 0
