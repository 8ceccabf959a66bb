"""`python -m concern.client ORDER`."""

import sys

from concern.client.hosting import main

sys.exit(main(sys.argv[1:]))
