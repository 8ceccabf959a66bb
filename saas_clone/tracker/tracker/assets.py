"""The style sheet, read once. Its address changes with its content, so browsers may keep it for ever."""

import hashlib
from functools import cache
from pathlib import Path

STYLE = Path(__file__).parent / "static" / "style.css"


@cache
def style_sheet() -> bytes:
    """Return the style sheet."""
    return STYLE.read_bytes()


@cache
def style_address() -> str:
    """Return the path that pages link to."""
    return f"/static/style.css?v={hashlib.sha256(style_sheet()).hexdigest()[:10]}"
