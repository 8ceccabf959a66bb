"""The style sheet and the icon, read once. The sheet's address changes with it, so browsers may keep it."""

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@cache
def style_sheet() -> bytes:
    """Return the style sheet."""
    return (STATIC / "style.css").read_bytes()


@cache
def icon() -> bytes:
    """Return the picture for tabs and bookmarks."""
    return (STATIC / "icon.svg").read_bytes()


@cache
def style_address() -> str:
    """Return the path that pages link to."""
    return f"/static/style.css?v={hashlib.sha256(style_sheet()).hexdigest()[:10]}"
