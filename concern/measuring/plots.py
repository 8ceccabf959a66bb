"""Pictures of what was measured, as PNG and SVG. Needs matplotlib (the extra `plots`)."""

import importlib
from pathlib import Path
from typing import Any

from concern.measuring.intervals import interval
from concern.measuring.standings import Standings

FORMATS = ("png", "svg")


class PlottingUnavailable(Exception):
    """There is no matplotlib; the text says what to install."""


def plot_standings(standings: Standings, title: str, path: Path) -> None:
    """Draw each seed as a line over the operators, with means and their 95 % intervals; writes `path` + `.png`, `.svg`."""
    figure, axes = _canvas()
    places = range(len(standings.operators))
    rows = list(zip(*(standings.of(name) for name in standings.operators), strict=True))
    for row in rows:
        axes.plot(places, row, color="0.78", linewidth=1, marker="o", markersize=3, zorder=1)
    for place, name in enumerate(standings.operators):
        values = standings.of(name)
        if len(values) > 1:
            told = interval(values)
            axes.errorbar(
                place, told.mean, yerr=(told.high - told.low) / 2, color="#1f5fbf", capsize=4, fmt="o", zorder=2
            )
    axes.axhline(0, color="0.4", linewidth=0.8)
    axes.set_xticks(list(places), standings.operators)
    axes.set_ylabel("reward, $")
    axes.set_title(title, fontsize=10, loc="left")
    axes.annotate(
        "a grey line is one seed", (1, 0), xycoords="axes fraction", ha="right", va="bottom", fontsize=8, color="0.4"
    )
    _save(figure, path)


def _canvas() -> tuple[Any, Any]:
    try:
        matplotlib = importlib.import_module("matplotlib")
        matplotlib.use("Agg")
        pyplot = importlib.import_module("matplotlib.pyplot")
    except ImportError as error:
        raise PlottingUnavailable("install the extra: pip install 'going-concern[plots]'") from error
    matplotlib.rcParams["svg.hashsalt"] = "going-concern"  # the same picture for the same figures
    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    for kind in FORMATS:
        metadata = {"Date": None} if kind == "svg" else {}
        figure.savefig(path.with_suffix(f".{kind}"), dpi=140, metadata=metadata)
    importlib.import_module("matplotlib.pyplot").close(figure)
