"""What the figures of all reports are made of: files of their own, on white, in colours that everybody can
tell apart (Okabe and Ito), each with a marker."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wallstreetfeds.demo.drawing import INK, MUTED, PIXELS_AN_INCH, drawing
from wallstreetfeds.experiments.report import Row

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "MUTED",
    "ORANGE",
    "PURPLE",
    "SERIES",
    "WIDTH",
    "column_line",
    "curve_panels",
    "drawing",
    "interval_line",
    "legend",
    "name_rows",
    "row_panels",
    "svg",
    "where",
    "whisker",
]

BLUE: Final = "#0072b2"
ORANGE: Final = "#d55e00"
GREEN: Final = "#009e73"
PURPLE: Final = "#aa4499"
GREY: Final = "#777777"
SKY: Final = "#56b4e9"
AMBER: Final = "#e69f00"
BLACK: Final = "#000000"

SERIES: Final = (
    (BLUE, "o"),
    (ORANGE, "^"),
    (GREEN, "D"),
    (PURPLE, "s"),
    (SKY, "v"),
    (AMBER, "P"),
    (GREY, "x"),
    (BLACK, "*"),
)
"""A colour and a marker for the first, second, ... of several lines."""

WIDTH: Final = 960
"""Pixels of every figure."""

DASHED: Final = (0, (4, 2))
HOLLOW: Final = "x|*"
"""Markers that are not filled with white."""


def row_panels(count: int, rows: int, *, left: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of `count` panels side by side for `rows` named rows; `left` pixels for the names."""
    height = 34 * rows + 132
    figure = Figure(figsize=(WIDTH / PIXELS_AN_INCH, height / PIXELS_AN_INCH))
    gap = 18
    each = (WIDTH - left - 20 - gap * (count - 1)) / count
    panels = [
        figure.add_axes(
            ((left + place * (each + gap)) / WIDTH, 56 / height, each / WIDTH, 1.0 - 132 / height)
        )
        for place in range(count)
    ]
    return figure, panels


def name_rows(panels: Sequence[Axes], names: Sequence[str]) -> None:
    """Write the names of the rows beside the first panel, the first on top."""
    for number, ax in enumerate(panels):
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_yticks(range(len(names)), names if number == 0 else [""] * len(names))
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")


def curve_panels(
    count: int,
    *,
    height: int = 380,
    titles: Sequence[str] = (),
    xlabel: str,
    ylabel: str,
    shared: bool = True,
) -> tuple[Figure, list[Axes]]:
    """Return a figure of `count` panels side by side for lines; all have one scale unless not `shared`."""
    figure = Figure(figsize=(WIDTH / PIXELS_AN_INCH, height / PIXELS_AN_INCH))
    left, gap = 76, 22 if shared else 64
    each = (WIDTH - left - 20 - gap * (count - 1)) / count
    panels: list[Axes] = []
    for place in range(count):
        box = ((left + place * (each + gap)) / WIDTH, 58 / height, each / WIDTH, 1.0 - 142 / height)
        ax = figure.add_axes(box, sharey=panels[0] if shared and panels else None)
        if place < len(titles):
            ax.set_title(titles[place], fontsize=13, color=INK)
        if shared and place:
            ax.tick_params(labelleft=False)
        panels.append(ax)
    panels[0].set_ylabel(ylabel)
    figure.text((left + WIDTH) / 2 / WIDTH, 12 / height, xlabel, ha="center", color=MUTED)
    return figure, panels


def interval_line(
    ax: Axes, x: Sequence[float], cells: Sequence[Sequence[float]], colour: str, marker: str, every: int = 1
) -> None:
    """Draw means [mean, low, high] over x with their interval as a band; a marker at each `every`th."""
    mean, low, high = ([cell[part] for cell in cells] for part in range(3))
    ax.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
    face = colour if marker in HOLLOW else "white"
    ax.plot(
        x,
        mean,
        color=colour,
        marker=marker,
        markersize=6,
        markerfacecolor=face,
        markeredgewidth=1.6,
        linewidth=1.8,
        markevery=every,
    )


def column_line(
    ax: Axes,
    rows: Sequence[Row],
    over: str,
    column: str,
    colour: str,
    marker: str,
    *,
    over_scale: float = 1.0,
    scale: float = 1.0,
) -> None:
    """Draw a column of intervals over another of numbers, in its order; rows without one are left out."""
    known = sorted((row for row in rows if row[column] is not None), key=lambda row: float(row[over]))
    if known:
        cells = [[scale * value for value in row[column]] for row in known]
        interval_line(ax, [over_scale * row[over] for row in known], cells, colour, marker)


def whisker(ax: Axes, cell: Sequence[float], y: float, colour: str, marker: str) -> None:
    """Draw a mean with its interval at height y."""
    mean, low, high = cell
    ax.plot([low, high], [y, y], color=colour, linewidth=1.8)
    face = colour if marker in HOLLOW else "white"
    ax.plot(mean, y, marker, color=colour, markersize=7, markerfacecolor=face, markeredgewidth=2.0)


def legend(figure: Figure, entries: Sequence[tuple[str, str, str]], columns: int | None = None) -> None:
    """Write (name, colour, marker) on top; the marker "line" is a dashed line, "|" a mark alone."""
    handles = [
        Line2D([], [], color=colour, linestyle=DASHED, linewidth=1.6, label=name)
        if marker == "line"
        else Line2D(
            [],
            [],
            color=colour,
            marker=marker,
            markersize=7,
            markerfacecolor=colour if marker in HOLLOW else "white",
            markeredgewidth=2.0,
            linewidth=0 if marker == "|" else 1.8,
            label=name,
        )
        for name, colour, marker in entries
    ]
    figure.legend(
        handles=handles, loc="upper center", ncols=columns or len(handles), frameon=False, fontsize=12
    )


def where(rows: Sequence[Row], **wanted: object) -> list[Row]:
    """Return the rows whose cells are as `wanted`."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def svg(figure: Figure) -> bytes:
    """Return the figure as SVG on white, the same bytes for the same figure."""
    figure.set_facecolor("white")
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing, facecolor="white")
    return buffer.getvalue()
