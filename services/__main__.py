"""`python -m services NAME`: host one service in this process."""

import sys
from functools import partial
from importlib import import_module

from bus.host import main
from bus.service import Service

NAMES = ("world", "cloud", "desk", "billing", "scorer", "recorder", "gateway")


def _declared(name: str) -> Service:
    return import_module(f"services.{name}.service").service


if __name__ == "__main__":
    sys.exit(main({name: partial(_declared, name) for name in NAMES}, sys.argv[1:]))
