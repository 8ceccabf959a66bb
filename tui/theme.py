"""The colours: few, muted, on a dark ground, to be looked at from the corner of an eye."""

from textual.theme import Theme

LEDGER = Theme(
    name="ledger",
    primary="#7aa2c8",
    secondary="#8a93a6",
    accent="#7aa2c8",
    success="#8fbf7f",
    warning="#d9b36c",
    error="#d9776c",
    foreground="#c9ced6",
    background="#14171c",
    surface="#14171c",
    panel="#1d2129",
    dark=True,
)
