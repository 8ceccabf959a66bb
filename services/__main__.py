"""`python -m services NAME`: host one service in this process."""

import sys
from importlib import import_module

from bus.host import main

NAMES = ("world", "cloud", "desk", "billing", "scorer", "recorder", "gateway")

if __name__ == "__main__":
    chosen = [name for name in NAMES if name in sys.argv[1:]] or NAMES
    sys.exit(main({name: import_module(f"services.{name}.service").service for name in chosen}, sys.argv[1:]))
