"""Shows how far and how long prices leave value, and what volatility says about the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from wallstreetfeds.experiments.drawing import (
    MUTED,
    SERIES,
    column_line,
    curve_panels,
    drawing,
    legend,
    svg,
    where,
)
from wallstreetfeds.experiments.frames import flat_rows
from wallstreetfeds.experiments.report import Row, Tables, markdown_table, with_interval
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import CONFIDENCE, interval, pearson, ranks, spearman, summary
from wallstreetfeds.sim.learning.cache import Answer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
EXTRA_NAMES: Final = {"none": "nobody else", "sets": "complete sets", "value": "one more value investor"}
FAR: Final = 10.0
"""Times value from which on a price has lost all touch with it."""

RESAMPLES: Final = 1_000


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return what every crowd did, and what volatility had to do with learning."""
    rows = flat_rows(jobs, answers)
    crowds = [row for row in rows if "extra" in row]
    learned = [row for row in rows if "extra" not in row]
    found = summary(crowds, KEYS, MEASURES)
    for row in found:
        for name in ("height", "market_height"):
            row[name] = [round(10.0**number, 4) for number in row[name]]
    return {
        "crowds": found,
        "worst": [_worst(where(crowds, **{key: row[key] for key in KEYS})) for row in found],
        "learned": [_learned(learned, hot) for hot in _sorted(learned, "hot")],
    }


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
    worst = [
        [
            EXTRA_NAMES[row["extra"]],
            f"{100.0 * row['hot']:.0f} %",
            _factor(where(tables["crowds"], **{key: row[key] for key in KEYS})[0]["height"]),
            _short(row["height"]),
            _short(row["next_height"]),
            f"{row['far']} of {row['seeds']}",
            f"{row['longest']}",
            _short(row["market_height"]),
        ]
        for row in where(tables["worst"], clients_sell=True)
    ]
    learned = [
        [
            f"{100.0 * row['hot']:.0f} %",
            with_interval(row["volatility"], 3),
            with_interval(row["within"], 2),
            with_interval(row["alone"], 2),
            with_interval(row["across"], 2),
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
        "worst": markdown_table(
            [
                "besides",
                "hot money",
                "highest price / value, mean of runs",
                "worst run",
                "second worst",
                f"runs above {FAR:.0f} x",
                "most rounds in a row",
                "worst market / escrow",
            ],
            worst,
        ),
        "learned": markdown_table(
            [
                "hot money",
                "volatility a round",
                "with gain in log-loss, within a federation",
                "rounds and federations taken out",
                "with final accuracy, over federations",
            ],
            learned,
        ),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "bubbles-height.svg": svg(_over_hot(tables["crowds"], "height", tables["worst"])),
            "bubbles-length.svg": svg(_over_hot(tables["crowds"], "longest")),
        }


# --- tables ---


def _worst(runs: Sequence[Row]) -> Row:
    """Return the extremes of one crowd's runs: a mean of logarithms hides a run in thirty."""
    heights = sorted((10.0 ** run["height"] for run in runs), reverse=True)
    return {
        **{key: runs[0][key] for key in KEYS},
        "height": round(heights[0], 4),
        "next_height": round(heights[min(1, len(heights) - 1)], 4),
        "far": sum(height > FAR for height in heights),
        "longest": max(run["longest"] for run in runs),
        "market_height": round(10.0 ** max(run["market_height"] for run in runs), 4),
        "seeds": len(runs),
    }


def _learned(rows: Sequence[Row], hot: float) -> Row:
    """Return the volatility of trained federations' prices and its three correlations with learning."""
    mine = where(rows, hot=hot)
    seeds, rounds = _sorted(mine, "seed"), _sorted(mine, "round")
    cells = {(row["seed"], row["round"]): row for row in mine}
    moves, gains = (
        np.array([[cells[seed, number][name] for number in rounds] for seed in seeds])
        for name in ("volatility", "gain")
    )
    accuracy = np.array([cells[seed, rounds[0]]["accuracy"] for seed in seeds])
    within = [spearman(a, b) for a, b in zip(moves, gains, strict=True)]
    return {
        "hot": hot,
        "volatility": interval(moves.mean(axis=1).tolist()),
        "within": interval([None if isnan(one) else one for one in within]),
        "alone": _over_seeds(lambda draw: _alone(moves[draw], gains[draw]), len(seeds)),
        "across": _over_seeds(lambda draw: spearman(moves[draw].mean(axis=1), accuracy[draw]), len(seeds)),
        "seeds": len(seeds),
    }


def _alone(left: Floats, right: Floats) -> float:
    """Return the correlation that is left of two (federations, rounds) without what rounds and federations
    have in common: of ranks among the federations of a round, less each federation's mean rank."""
    rest = []
    for values in (left, right):
        ranked = np.array([ranks(column) for column in values.T]).T
        rest.append(ranked - ranked.mean(axis=1, keepdims=True))
    return pearson(rest[0].ravel(), rest[1].ravel())


def _over_seeds(measure: Callable[[Ints], float], count: int) -> list[float] | None:
    """Return a measure of all federations with its interval by resampling them; None where it is none."""
    draws = np.random.default_rng(0).integers(0, count, size=(RESAMPLES, count))
    tail = (1.0 - CONFIDENCE) / 2.0
    mean = measure(np.arange(count))
    if isnan(mean):
        return None
    ends = np.nanquantile([measure(draw) for draw in draws], [tail, 1.0 - tail]).tolist()
    return [round(number, 6) for number in (mean, *ends)]


def _sorted(rows: Sequence[Row], key: str) -> list[Any]:
    return sorted({row[key] for row in rows})


# --- words ---


def _factor(cell: Sequence[float]) -> str:
    """Write how many times something is as large, with its interval."""
    mean, low, high = map(_short, cell)
    return f"{mean} [{low}, {high}]"


def _short(factor: float) -> str:
    return (
        f"{factor:.2f}"
        if factor < 10
        else f"{factor:.0f}"
        if factor < 1e4
        else f"{factor:.0e}".replace("e+0", "e")
    )


# --- figures ---


def _over_hot(rows: Sequence[Row], measure: str, worst: Sequence[Row] = ()) -> Figure:
    """One measure over the part of hot money: clients hold or sell, a line for who comes besides; hollow, the
    worst run of each crowd."""
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
            of = where(rows, clients_sell=sell, extra=extra)
            column_line(ax, of, "hot", measure, colour, marker, over_scale=100.0)
            for row in where(worst, clients_sell=sell, extra=extra):
                ax.plot(100.0 * row["hot"], row["height"], marker, mfc="none", mec=colour, markersize=6)
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


def _power(value: float, _: Any) -> str:
    return f"{value:g}" if value < 1e4 else f"{value:.0e}".replace("e+0", "e")
