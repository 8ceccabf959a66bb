"""The style sheet: what is read can be read, in both themes."""

import re

import pytest

from tracker.assets import style_sheet

SHEET = style_sheet().decode()
LEAST = 4.5
"""Contrast of text, WCAG 2.2 AA."""
LEAST_EDGE = 3.0
"""Contrast of what shows where a field or a button ends."""
TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "link", "alarm") for ground in ("paper", "ground")),
    ("ink", "sunken"),
    ("muted", "sunken"),
    ("link", "current"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
]
EDGES = [("edge", "paper"), ("edge", "ground"), ("link", "paper"), ("link", "ground"), ("alarm", "paper")]


def themes() -> dict[str, dict[str, str]]:
    """Return the colours of each theme by the names of their properties; dark says only what differs."""
    light, dark = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
    colours = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    return {"light": colours[0], "dark": colours[0] | colours[1]}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme: str) -> None:
    colours = themes()[theme]
    pairs = TEXT + [(name, name.replace("-ink", "-ground")) for name in colours if name.endswith("-ink")]
    assert len(pairs) > len(TEXT) + 5
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: value for pair, value in weak.items() if value < LEAST} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_and_focus_can_be_seen(theme: str) -> None:
    colours = themes()[theme]
    found = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in EDGES}
    assert {pair: value for pair, value in found.items() if value < LEAST_EDGE} == {}


def test_every_colour_of_the_light_theme_has_its_dark_one() -> None:
    light, dark = (
        set(re.findall(r"--([a-z-]+): #", block))
        for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
    )
    assert light == dark


def test_colours_are_named_only_in_the_themes() -> None:
    rules = SHEET.split("*, ::before, ::after", 1)[1]
    assert re.findall(r"(?<!&)#[0-9a-f]{3,8}\b", rules) == []


def test_every_property_that_is_used_exists() -> None:
    used, made = set(re.findall(r"var\((--[a-z-]+)", SHEET)), set(re.findall(r"(--[a-z-]+):", SHEET))
    assert used == made
