"""What shows `price-decay`: errors by curve, traders and rewards, and prices over theory by round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from wallstreetfeds.experiments.drawing import (
    INK,
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
from wallstreetfeds.experiments.statistics import summary
from wallstreetfeds.sim.learning.cache import Answer

ARM: Final = ("clients", "spread", "rewards")
SHOWN: Final = ("constant-mean", "clock", "lmsr", "cum-reward")
"""Curves in the figures: those left out lie on one of them."""

SHOWN_CLIENTS: Final = 10
EACH: Final = 3
"""Rounds between the points of a figure."""

TRADERS: Final = {
    "none": "nobody trades",
    "value": "four value investors",
    "informed": "one informed arbitrageur",
}
TICKS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
LOWEST: Final = 0.15
"""Where the figures end: a quote that falls to nothing leaves them."""


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return errors over all rounds, and prices over theory by round."""
    rows = flat_rows(jobs, answers)
    shown = [
        {**row, "ratio": 1.0 + row["bias"]}
        for row in rows
        if row["clients"] == SHOWN_CLIENTS and row["spread"] is None and row["curve"] in SHOWN
        if row["round"] % EACH == 1 or row["round"] == row["rounds"]
    ]
    return {
        "errors": summary(_lives(rows), (*ARM, "traders", "curve"), ("error", "worst", "bias")),
        "by_round": summary(shown, ("rewards", "traders", "curve", "round"), ("ratio",)),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the page by name: one for each arm."""
    rows = tables["errors"]
    arms = list(dict.fromkeys(tuple(row[name] for name in ARM) for row in rows))
    return {_arm_name(arm): _errors(where(rows, **dict(zip(ARM, arm, strict=True)))) for arm in arms}


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            f"price-decay-{rewards}.svg": svg(_by_round(where(tables["by_round"], rewards=rewards)))
            for rewards in ("fixed", "topped-up")
        }


def _lives(rows: Sequence[Row]) -> list[Row]:
    """Return one row a life: the mean error, the largest, and the mean bias over its rounds."""
    lives: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        lives[tuple(row[name] for name in (*ARM, "traders", "curve", "seed"))].append(row)
    return [
        life[0]
        | {
            "error": float(np.mean([row["error"] for row in life])),
            "worst": max(row["error"] for row in life),
            "bias": float(np.mean([row["bias"] for row in life])),
        }
        for life in lives.values()
    ]


def _arm_name(arm: tuple[object, ...]) -> str:
    clients, spread, rewards = arm
    quality = "equal" if spread is None else f"dirichlet-{spread:g}"
    return f"{clients}-clients-{quality}-{rewards}"


def _errors(rows: list[Row]) -> str:
    heads = ["curve"]
    for traders in TRADERS:
        heads += [f"{traders}: mean error, %", "largest, %", "bias, %"]
    table = []
    for curve in dict.fromkeys(row["curve"] for row in rows):
        line = [curve]
        for traders in TRADERS:
            for row in where(rows, curve=curve, traders=traders):
                line += [with_interval(row[name], 1, 100.0) for name in ("error", "worst", "bias")]
        table.append(line)
    return markdown_table(heads, table)


def _by_round(rows: list[Row]) -> Figure:
    """What all tokens cost over what they are worth, by round: a panel for each kind of traders."""
    figure, panels = curve_panels(
        len(TRADERS),
        titles=list(TRADERS.values()),
        xlabel="round",
        ylabel="price of all tokens over theory (log scale)",
    )
    for ax, traders in zip(panels, TRADERS, strict=True):
        ax.axhline(1.0, color=INK, linewidth=0.8)
        for curve, (colour, marker) in zip(SHOWN, SERIES, strict=False):
            seen = where(rows, traders=traders, curve=curve)
            cells = [row["ratio"] for row in seen]
            interval_line(ax, [row["round"] for row in seen], cells, colour, marker, every=3)
        ax.set_yscale("log")
        ax.set_ylim(LOWEST, 1.2 * TICKS[-1])
        ax.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        ax.minorticks_off()
    legend(
        figure,
        [(curve, colour, marker) for curve, (colour, marker) in zip(SHOWN, SERIES, strict=False)],
    )
    return figure
