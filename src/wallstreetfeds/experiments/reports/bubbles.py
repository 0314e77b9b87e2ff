"""Shows how far and how long prices leave value, and what volatility says about the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from wallstreetfeds.experiments.drawing import (
    MUTED,
    SERIES,
    curve_panels,
    drawing,
    interval_line,
    legend,
    svg,
    where,
)
from wallstreetfeds.experiments.frames import flat_rows
from wallstreetfeds.experiments.report import Row, Tables, markdown_table, with_interval
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import CONFIDENCE, spearman, summary
from wallstreetfeds.sim.learning.cache import Answer

KEYS: Final = ("clients_sell", "extra", "hot")
MEASURES: Final = (
    "height",
    "distance",
    "above",
    "longest",
    "market_height",
    "market_low",
    "market_longest",
)
LEARNED: Final = ("volatility", "with_loss", "with_accuracy")
EXTRA_NAMES: Final = {"none": "nobody else", "sets": "complete sets", "value": "one more value investor"}
RESAMPLES: Final = 2_000


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return what every crowd did, and what volatility had to do with learning."""
    rows = flat_rows(jobs, answers)
    crowds = [row for row in rows if "extra" in row]
    learned = [row for row in rows if "extra" not in row]
    found = {"crowds": summary(crowds, KEYS, MEASURES), "learned": summary(learned, ["hot"], LEARNED)}
    for row in found["learned"]:
        mine = [other for other in learned if other["hot"] == row["hot"]]
        row["with_final_accuracy"] = _across(
            [other["volatility"] for other in mine], [other["accuracy"] for other in mine]
        )
    return found


def blocks(tables: Tables) -> dict[str, str]:
    """Return the Markdown tables of the page."""
    crowds = [
        [
            "sell" if row["clients_sell"] else "hold",
            EXTRA_NAMES[row["extra"]],
            f"{100.0 * row['hot']:.0f} %",
            _factor(row["height"]),
            with_interval(row["distance"], 2),
            with_interval(row["above"], 1, 100.0),
            with_interval(row["longest"], 1),
            _factor(row["market_height"]),
            with_interval(row["market_low"], 0, 100.0),
        ]
        for row in tables["crowds"]
    ]
    learned = [
        [
            f"{100.0 * row['hot']:.0f} %",
            with_interval(row["volatility"], 3),
            with_interval(row["with_loss"], 2),
            with_interval(row["with_accuracy"], 2),
            with_interval(row["with_final_accuracy"], 2),
        ]
        for row in tables["learned"]
    ]
    return {
        "crowds": markdown_table(
            [
                "clients",
                "besides",
                "hot money",
                "highest price / value",
                "typical distance",
                "above 1.5 x, % of token-rounds",
                "rounds in a row",
                "market / escrow, highest",
                "lowest, %",
            ],
            crowds,
        ),
        "learned": markdown_table(
            [
                "hot money",
                "volatility a round",
                "with gain in log-loss",
                "with gain in accuracy, round number out",
                "across federations, with final accuracy",
            ],
            learned,
        ),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "bubbles-height.svg": svg(_over_hot(tables["crowds"], "height")),
            "bubbles-length.svg": svg(_over_hot(tables["crowds"], "longest")),
        }


def _across(left: Sequence[float], right: Sequence[float]) -> list[float] | None:
    """Return Spearman's correlation over federations with its bootstrap interval; None below three."""
    if len(left) < 3:
        return None
    a, b = np.array(left), np.array(right)
    draws = np.random.default_rng(0).integers(0, len(a), size=(RESAMPLES, len(a)))
    tail = (1.0 - CONFIDENCE) / 2.0
    ends = np.nanquantile([spearman(a[draw], b[draw]) for draw in draws], [tail, 1.0 - tail]).tolist()
    return [round(number, 6) for number in (spearman(a, b), *ends)]


def _factor(cell: Sequence[float]) -> str:
    """Write a logarithm to base ten with its interval as a factor."""
    mean, low, high = (_short(10.0**number) for number in cell)
    return f"{mean} [{low}, {high}]"


def _short(factor: float) -> str:
    return f"{factor:.2f}" if factor < 10 else f"{factor:.0f}" if factor < 1e4 else f"{factor:.0e}"


# --- figures ---


def _over_hot(rows: Sequence[Row], measure: str) -> Figure:
    """One measure over the part of hot money: clients hold or sell, a line for who comes besides."""
    titles = {False: "clients hold what they have", True: "clients sell what is too dear"}
    shown = [sell for sell in titles if where(rows, clients_sell=sell)]
    labels = {"height": "highest price / value", "longest": "rounds in a row above 1.5 times value"}
    figure, panels = curve_panels(
        len(shown),
        titles=[titles[sell] for sell in shown],
        xlabel="part of all money that follows trends or is noise, %",
        ylabel=labels[measure],
    )
    for ax, sell in zip(panels, shown, strict=True):
        for extra, (colour, marker) in zip(EXTRA_NAMES, SERIES, strict=False):
            _line(ax, where(rows, clients_sell=sell, extra=extra), measure, colour, marker)
        if measure == "height":
            ax.set_yscale("log")
            ax.axhline(1.5, color=MUTED, linestyle=(0, (4, 2)), linewidth=1.2)
            ax.yaxis.set_major_formatter(FuncFormatter(_power))
            ax.yaxis.set_minor_formatter(NullFormatter())
    entries = [
        (EXTRA_NAMES[extra], colour, marker)
        for extra, (colour, marker) in zip(EXTRA_NAMES, SERIES, strict=False)
        if where(rows, extra=extra)
    ]
    legend(figure, entries + ([("1.5 times value", MUTED, "line")] if measure == "height" else []))
    return figure


def _line(ax: Axes, rows: Sequence[Row], measure: str, colour: str, marker: str) -> None:
    known = sorted(rows, key=lambda row: float(row["hot"]))
    if not known:
        return
    cells = [[_shown(value, measure) for value in row[measure]] for row in known]
    interval_line(ax, [100.0 * row["hot"] for row in known], cells, colour, marker)


def _shown(value: float, measure: str) -> float:
    return float(10.0**value) if measure == "height" else value


def _power(value: float, _: Any) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
