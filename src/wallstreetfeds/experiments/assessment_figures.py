"""The figures of the assessment report: files of their own, on white, in colours that everybody can tell
apart (Okabe and Ito) and with a marker each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from wallstreetfeds.demo.drawing import INK, MUTED, PIXELS_AN_INCH, drawing
from wallstreetfeds.experiments.assessment_blocks import SKEW_NAMES
from wallstreetfeds.experiments.report import Row, Tables

BLUE: Final = "#0072b2"
ORANGE: Final = "#d55e00"
GREEN: Final = "#009e73"
PURPLE: Final = "#aa4499"
GREY: Final = "#777777"

WAYS: Final = {
    "shapley": ("our default", BLUE, "o"),
    "shapley, renormalised": ("renormalised", ORANGE, "^"),
    "shapley, renormalised accuracy": ("renormalised, accuracy", PURPLE, "s"),
}
PAY: Final = {
    "shapley, capped": ("our default", BLUE, "o"),
    "shapley, renormalised": ("renormalised", ORANGE, "^"),
    "shapley, accuracy": ("accuracy", PURPLE, "s"),
    "shapley, settled once": ("settled once", GREEN, "D"),
    "data-size": ("data size", GREY, "x"),
}
WIDTH: Final = 960


def draw(tables: Tables) -> dict[str, bytes]:
    """Return the three figures as SVG, by file name."""
    with drawing():
        return {
            "assessment-fidelity.svg": _svg(_fidelity(tables)),
            "assessment-volatility.svg": _svg(_volatility(tables)),
            "assessment-attacks.svg": _svg(_attacks(tables)),
        }


def _fidelity(tables: Tables) -> Figure:
    """Pearson correlation with retrained Shapley values, a panel for each skew."""
    rows, single = tables["fidelity_overall"], tables["fidelity"]
    skews = list(dict.fromkeys(row["skew"] for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows if row["pearson"] is not None))
    figure, panels = _panels(len(skews), len(methods), left=190)
    for ax, skew in zip(panels, skews, strict=True):
        for place, method in enumerate(methods):
            for row in _where(single, skew=skew, method=method):
                if row["pearson"] is not None:
                    ax.plot(row["pearson"][0], place, "|", color=GREY, markersize=11, markeredgewidth=1.4)
            for row in _where(rows, skew=skew, method=method):
                if row["pearson"] is not None:
                    _whisker(ax, row["pearson"], place, BLUE, "o")
        ax.set_xlim(-1.0, 1.05)
        ax.set_title(SKEW_NAMES[skew], fontsize=13, color=INK)
        ax.axvline(0.0, color=MUTED, linewidth=0.8)
    _rows(panels, methods)
    figure.text(0.5, 0.015, "Pearson correlation with retrained Shapley values", ha="center", color=MUTED)
    _legend(
        figure,
        [("mean of all federations, 95 % interval", BLUE, "o"), ("one federation", GREY, "|")],
    )
    return figure


def _volatility(tables: Tables) -> Figure:
    """Squared distance of pay to data shares by strategy, a panel for each alpha; log scale."""
    rows, equal = tables["volatility"], tables["equal_pay"]
    alphas = list(dict.fromkeys(row["alpha"] for row in rows))
    strategies = list(dict.fromkeys(row["strategy"] for row in rows))
    figure, panels = _panels(len(alphas), len(strategies), left=130)
    for ax, alpha in zip(panels, alphas, strict=True):
        for number, (method, (_, colour, marker)) in enumerate(WAYS.items()):
            for place, strategy in enumerate(strategies):
                for row in _where(rows, alpha=alpha, strategy=strategy, method=method):
                    _whisker(ax, row["distance"], place + 0.22 * (number - 1), colour, marker)
        for row in _where(equal, alpha=alpha):
            ax.axvline(row["lemma"], color=INK, linestyle=(0, (4, 2)), linewidth=1.6)
        ax.set_xscale("log")
        ax.set_title(f"Dirichlet alpha {alpha:g}", fontsize=13, color=INK)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    _rows(panels, strategies)
    figure.text(0.5, 0.015, "squared distance of pay to data shares, times 100", ha="center", color=MUTED)
    _legend(figure, [*WAYS.values(), ("equal pay (Lemma 1)", INK, "line")])
    return figure


def _attacks(tables: Tables) -> Figure:
    """What the attacker is paid beside its honest pay, by attack and method."""
    rows = tables["attacks_overall"]
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    height = 50 * len(attacks) + 120
    figure = Figure(figsize=(WIDTH / PIXELS_AN_INCH, height / PIXELS_AN_INCH))
    ax = figure.add_axes((0.18, 64 / height, 0.79, 1.0 - 120 / height))
    for number, (method, (_, colour, marker)) in enumerate(PAY.items()):
        for place, attack in enumerate(attacks):
            for row in _where(rows, attack=attack, method=method):
                y = place + 0.16 * (number - (len(PAY) - 1) / 2)
                _whisker(ax, [100.0 * value for value in row["paid"]], y, colour, marker)
    honest = 100.0 * next(iter(_where(rows, method="shapley, capped")))["honest"][0]
    ax.axvline(honest, color=INK, linestyle=(0, (4, 2)), linewidth=1.6)
    for place in range(1, len(attacks)):
        ax.axhline(place - 0.5, color=MUTED, linewidth=0.4)
    _rows([ax], attacks)
    ax.set_xlim(left=-1.0)
    ax.set_xlabel("share of all pots paid to the attacker, %")
    _legend(figure, [*PAY.values(), ("honest, our default", INK, "line")])
    return figure


# --- parts ---


def _panels(count: int, rows: int, *, left: int) -> tuple[Figure, list[Axes]]:
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


def _rows(panels: Sequence[Axes], names: Sequence[str]) -> None:
    for number, ax in enumerate(panels):
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_yticks(range(len(names)), names if number == 0 else [""] * len(names))
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")


def _whisker(ax: Axes, cell: Sequence[float], y: float, colour: str, marker: str) -> None:
    mean, low, high = cell
    ax.plot([low, high], [y, y], color=colour, linewidth=1.8)
    hollow = "white" if marker not in "x|" else colour
    ax.plot(mean, y, marker, color=colour, markersize=7, markerfacecolor=hollow, markeredgewidth=2.0)


def _legend(figure: Figure, entries: Sequence[tuple[str, str, str]]) -> None:
    handles = [
        Line2D([], [], color=colour, linestyle=(0, (4, 2)), linewidth=1.6, label=name)
        if marker == "line"
        else Line2D(
            [],
            [],
            color=colour,
            marker=marker,
            markersize=7,
            markerfacecolor="white" if marker not in "x|" else colour,
            markeredgewidth=2.0,
            linewidth=0 if marker == "|" else 1.8,
            label=name,
        )
        for name, colour, marker in entries
    ]
    figure.legend(handles=handles, loc="upper center", ncols=len(handles), frameon=False, fontsize=12)


def _where(rows: Sequence[Row], **wanted: object) -> list[Row]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _svg(figure: Figure) -> bytes:
    """Return the figure as SVG on white, the same bytes for the same figure."""
    figure.set_facecolor("white")
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing, facecolor="white")
    return buffer.getvalue()
