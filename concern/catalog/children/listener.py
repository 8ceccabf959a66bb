"""Put into a copy of the good product: runs `python -m` of what it is told, and notes which code of the product is called.

`python -m listener tracker serve` runs `python -m tracker serve`. Each piece of code is noted once, on standard error, when
it is first called: whatever ends the process loses nothing. See `concern/catalog/heard.py`.
"""

import os
import runpy
import sys
import threading
from types import CodeType, FrameType

MARK = "heard:"
ROOT = f"{os.getcwd()}/"
_called: dict[int, CodeType] = {}
"""By identity, and kept, so that no other code gets the same one: code of equal text is equal, in whatever file it is."""


def _heard(frame: FrameType, event: str, _argument: object) -> None:
    code = frame.f_code
    if event == "call" and id(code) not in _called:
        _called[id(code)] = code
        if code.co_filename.startswith(ROOT):
            os.write(2, f"\n{MARK}{code.co_filename.removeprefix(ROOT)}\t{code.co_qualname}\n".encode())


def main() -> None:
    """Listen, and become the product."""
    threading.setprofile(_heard)
    sys.setprofile(_heard)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
