"""Removing a run's directory in which killed processes may still write: a broker and sandboxes die after their world."""

import shutil
import time
from pathlib import Path

WITHIN_S = 15.0
"""Real seconds for the kernel to end what was killed: usually some hundredths of one, longer on a busy machine."""
_AGAIN_S = 0.02


def remove(root: Path, *, within_s: float = WITHIN_S) -> None:
    """Remove it; harmless if it is gone. `OSError` if something still writes there after so many real seconds. Blocks."""
    until = time.monotonic() + within_s
    while root.exists():
        try:
            shutil.rmtree(root)
        except OSError:
            if time.monotonic() >= until:
                raise
            time.sleep(_AGAIN_S)  # noqa: TID251 (real time: nobody tells of the end of processes that are not our own)
