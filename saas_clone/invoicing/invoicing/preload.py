"""What instances have in common, imported once for each release by a platform that forks them from there.

Nothing in it may be one instance's own: no settings, no connection, no moment.
"""

from invoicing import serve
from invoicing.templating import compile_all

__all__ = ["serve"]

compile_all()
