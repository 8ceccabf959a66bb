"""Found by every Python process that a traced test starts: it notes which code of the product that process calls.

Nothing of ours is imported here, since the process is the product's. See `concern/catalog/tracing.py`.
"""

import atexit
import os
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

FOLDER = os.environ.get("CONCERN_TRACE_CHILDREN", "")


def _listen() -> None:
    called: dict[int, CodeType] = {}  # by identity: code of equal text is equal, in whatever file it is

    def heard(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called[id(frame.f_code)] = frame.f_code

    def note() -> None:
        sys.setprofile(None)
        lines = sorted(f"{code.co_filename}\t{code.co_qualname}\n" for code in called.copy().values())
        Path(FOLDER, f"{os.getpid()}.calls").write_text("".join(lines), encoding="utf-8")

    atexit.register(note)
    threading.setprofile(heard)
    sys.setprofile(heard)


if FOLDER:
    _listen()
