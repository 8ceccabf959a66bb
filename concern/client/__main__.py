"""`python -m concern.client`: the hatchery, as `concern.client.hatchery` starts it."""

import sys

from concern.client.hatching import main

sys.exit(main())
