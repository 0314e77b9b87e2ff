"""Shows what depth, listing and noise do to orders and prices, and how much has to be seeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

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
from wallstreetfeds.experiments.statistics import CONFIDENCE, summary
from wallstreetfeds.sim.learning.cache import Answer

GROUP: Final = ("listed", "clients_sell", "noise")
MEASURES: Final = (
    "slippage",
    "spread",
    "error",
    "rank",
    "rank_by_scores",
    "recovery",
    "shock_cost",
    "volume",
    "provider",
)
ENOUGH: Final = 0.8
"""Spearman's correlation with quality above which prices are said to carry information."""

USUAL: Final = {"listed": 0.2, "clients_sell": True, "noise": 0.1}
RESAMPLES: Final = 2_000


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return every cell's measures, and the smallest depth at which prices carry information."""
    rows = flat_rows(jobs, answers)
    cells = summary(rows, [*GROUP, "depth"], MEASURES)
    return {"cells": cells, "needed": [_needed(rows, cells, group) for group in _groups(cells)]}


def blocks(tables: Tables) -> dict[str, str]:
    """Return the Markdown tables of the page."""
    usual = where(tables["cells"], **USUAL)
    operator = [
        [
            _percent(row["depth"]),
            with_interval(row["slippage"], 1, 100.0),
            with_interval(row["spread"], 1, 100.0),
            with_interval(row["shock_cost"], 3, 100.0),
            with_interval(row["recovery"], 1),
            with_interval(row["error"], 0, 100.0),
            with_interval(row["rank"], 2),
            with_interval(row["provider"], 2),
        ]
        for row in usual
    ]
    needed = [
        [
            _percent(row["listed"]),
            "yes" if row["clients_sell"] else "no",
            _percent(row["noise"]),
            with_interval(row["rank_shallow"], 2),
            with_interval(row["rank_deep"], 2),
            f"{_percent(row['depth'])} [{_percent(row['depth_low'])}, {_percent(row['depth_high'])}]",
            _percent(row["deepest"]),
        ]
        for row in tables["needed"]
    ]
    return {
        "operator": markdown_table(
            [
                "depth",
                "slippage, %",
                "spread, %",
                "cost of a push, % of budget",
                "sessions to recover",
                "price error, %",
                "rank correlation",
                "provider against holding",
            ],
            operator,
        ),
        "needed": markdown_table(
            [
                "listed",
                "clients sell",
                "noise money",
                "rank, shallowest",
                "rank, deepest",
                "smallest depth",
                "greatest depth",
            ],
            needed,
        ),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "liquidity-information.svg": svg(_information(tables["cells"])),
            "liquidity-costs.svg": svg(_costs(tables["cells"])),
        }


# --- tables ---


def _groups(cells: Sequence[Row]) -> list[Row]:
    found: list[Row] = []
    for cell in cells:
        group = {key: cell[key] for key in GROUP}
        if group not in found:
            found.append(group)
    return found


def _needed(rows: Sequence[Row], cells: Sequence[Row], group: Mapping[str, Any]) -> Row:
    """Return the smallest and the greatest depth at which the interval of the rank correlation is `ENOUGH`.

    None where there is none. `depth_low` and `depth_high` are the ends of the smallest depth's interval: of
    the smallest depths with a mean above `ENOUGH` in resamples of the seeds, None where that is none at all.
    """
    mine = sorted(where(cells, **group), key=lambda cell: float(cell["depth"]))
    depths = [cell["depth"] for cell in mine]
    enough = [cell["depth"] for cell in mine if cell["rank"] is not None and cell["rank"][1] > ENOUGH]
    smallest = min(enough, default=None)
    ranks = {(row["depth"], row["seed"]): row["rank"] for row in where(rows, **group)}
    seeds = sorted({seed for _, seed in ranks})
    grid = np.array([[ranks[depth, seed] for seed in seeds] for depth in depths], dtype=np.float64)
    draws = np.random.default_rng(0).integers(0, len(seeds), size=(RESAMPLES, len(seeds)))
    good = np.array([grid[:, draw].mean(axis=1) > ENOUGH for draw in draws])
    first = [depths[int(np.argmax(row))] if row.any() else inf for row in good]
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(first, [tail, 1.0 - tail], method="inverted_cdf").tolist()
    return {
        **group,
        "enough": ENOUGH,
        "depth": smallest,
        "depth_low": None if low == inf else low,
        "depth_high": None if high == inf else high,
        "deepest": max(enough, default=None),
        "rank_shallow": mine[0]["rank"],
        "rank_deep": mine[-1]["rank"],
        "seeds": len(seeds),
    }


def _percent(part: float | None) -> str:
    return "none" if part is None else f"{100.0 * part:g} %"


# --- figures ---


def _information(cells: Sequence[Row]) -> Figure:
    """Rank correlation of prices with quality over depth, by volume of noise; clients sell or not."""
    titles = {True: "clients sell what is too dear", False: "clients do not sell"}
    shown = [sell for sell in titles if where(cells, listed=USUAL["listed"], clients_sell=sell)]
    figure, panels = curve_panels(
        len(shown),
        titles=[titles[sell] for sell in shown],
        xlabel="numeraire in the pool at the opening, % of the budget",
        ylabel="rank correlation with quality",
    )
    noises = sorted({cell["noise"] for cell in cells})
    for ax, sell in zip(panels, shown, strict=True):
        for noise, (colour, marker) in zip(noises, SERIES, strict=False):
            rows = where(cells, listed=USUAL["listed"], clients_sell=sell, noise=noise)
            column_line(ax, rows, "depth", "rank", colour, marker, over_scale=100.0)
        ax.axhline(ENOUGH, color=MUTED, linestyle=(0, (4, 2)), linewidth=1.2)
        _depth_axis(ax)
    entries = [
        (f"noise {_percent(n)}", colour, marker) for n, (colour, marker) in zip(noises, SERIES, strict=False)
    ]
    legend(figure, [*entries, ("enough", MUTED, "line")])
    return figure


def _costs(cells: Sequence[Row]) -> Figure:
    """What an order and a push cost over depth, by what is listed."""
    figure, panels = curve_panels(
        2,
        titles=["spread of an order of 0.1 % of the escrow", "pushing one price up by 20 %"],
        xlabel="numeraire in the pool at the opening, % of the budget",
        ylabel="effective spread, % of the price",
        shared=False,
    )
    panels[1].set_ylabel("cost, % of the budget")
    shown = where(cells, clients_sell=True, noise=USUAL["noise"])
    listings = sorted({cell["listed"] for cell in shown})
    for ax, measure in zip(panels, ("spread", "shock_cost"), strict=True):
        for listed, (colour, marker) in zip(listings, SERIES, strict=False):
            of = where(shown, listed=listed)
            column_line(ax, of, "depth", measure, colour, marker, over_scale=100.0, scale=100.0)
        ax.set_ylim(bottom=0.0)
        _depth_axis(ax)
    legend(
        figure,
        [
            (f"{_percent(listed)} listed", colour, marker)
            for listed, (colour, marker) in zip(listings, SERIES, strict=False)
        ],
    )
    return figure


def _depth_axis(ax: Axes) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
