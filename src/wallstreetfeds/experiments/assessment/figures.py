"""The figures of the assessment report."""

from __future__ import annotations

from typing import Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from wallstreetfeds.demo.drawing import PIXELS_AN_INCH
from wallstreetfeds.experiments.assessment.blocks import SKEW_NAMES
from wallstreetfeds.experiments.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    WIDTH,
    drawing,
    legend,
    name_rows,
    row_panels,
    svg,
    where,
    whisker,
)
from wallstreetfeds.experiments.report import Tables

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


def draw(tables: Tables) -> dict[str, bytes]:
    """Return the three figures as SVG, by file name."""
    with drawing():
        return {
            "assessment-fidelity.svg": svg(_fidelity(tables)),
            "assessment-volatility.svg": svg(_volatility(tables)),
            "assessment-attacks.svg": svg(_attacks(tables)),
        }


def _fidelity(tables: Tables) -> Figure:
    """Pearson correlation with retrained Shapley values, a panel for each skew."""
    rows, single = tables["fidelity_overall"], tables["fidelity"]
    skews = list(dict.fromkeys(row["skew"] for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows if row["pearson"] is not None))
    figure, panels = row_panels(len(skews), len(methods), left=190)
    for ax, skew in zip(panels, skews, strict=True):
        for place, method in enumerate(methods):
            for row in where(single, skew=skew, method=method):
                if row["pearson"] is not None:
                    ax.plot(row["pearson"][0], place, "|", color=GREY, markersize=11, markeredgewidth=1.4)
            for row in where(rows, skew=skew, method=method):
                if row["pearson"] is not None:
                    whisker(ax, row["pearson"], place, BLUE, "o")
        ax.set_xlim(-1.0, 1.05)
        ax.set_title(SKEW_NAMES[skew], fontsize=13, color=INK)
        ax.axvline(0.0, color=MUTED, linewidth=0.8)
    name_rows(panels, methods)
    figure.text(0.5, 0.015, "Pearson correlation with retrained Shapley values", ha="center", color=MUTED)
    legend(
        figure,
        [("mean of all federations, 95 % interval", BLUE, "o"), ("one federation", GREY, "|")],
    )
    return figure


def _volatility(tables: Tables) -> Figure:
    """Squared distance of pay to data shares by strategy, a panel for each alpha; log scale."""
    rows, equal = tables["volatility"], tables["equal_pay"]
    alphas = list(dict.fromkeys(row["alpha"] for row in rows))
    strategies = list(dict.fromkeys(row["strategy"] for row in rows))
    figure, panels = row_panels(len(alphas), len(strategies), left=130)
    for ax, alpha in zip(panels, alphas, strict=True):
        for number, (method, (_, colour, marker)) in enumerate(WAYS.items()):
            for place, strategy in enumerate(strategies):
                for row in where(rows, alpha=alpha, strategy=strategy, method=method):
                    whisker(ax, row["distance"], place + 0.22 * (number - 1), colour, marker)
        for row in where(equal, alpha=alpha):
            ax.axvline(row["lemma"], color=INK, linestyle=(0, (4, 2)), linewidth=1.6)
        ax.set_xscale("log")
        ax.set_title(f"Dirichlet alpha {alpha:g}", fontsize=13, color=INK)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    name_rows(panels, strategies)
    figure.text(0.5, 0.015, "squared distance of pay to data shares, times 100", ha="center", color=MUTED)
    legend(figure, [*WAYS.values(), ("equal pay (Lemma 1)", INK, "line")])
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
            for row in where(rows, attack=attack, method=method):
                y = place + 0.16 * (number - (len(PAY) - 1) / 2)
                whisker(ax, [100.0 * value for value in row["paid"]], y, colour, marker)
    honest = 100.0 * next(iter(where(rows, method="shapley, capped")))["honest"][0]
    ax.axvline(honest, color=INK, linestyle=(0, (4, 2)), linewidth=1.6)
    for place in range(1, len(attacks)):
        ax.axhline(place - 0.5, color=MUTED, linewidth=0.4)
    name_rows([ax], attacks)
    ax.set_xlim(left=-1.0)
    ax.set_xlabel("share of all pots paid to the attacker, %")
    legend(figure, [*PAY.values(), ("honest, our default", INK, "line")])
    return figure
