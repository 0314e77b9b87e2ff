"""What shows `price-quality`: tables by round, what the market adds, and the figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.figure import Figure

from wallstreetfeds.experiments.drawing import (
    BLUE,
    GREEN,
    GREY,
    MUTED,
    ORANGE,
    PURPLE,
    column_line,
    curve_panels,
    drawing,
    legend,
    svg,
    where,
)
from wallstreetfeds.experiments.frames import flat_rows
from wallstreetfeds.experiments.price_quality import DISTRIBUTIONS, READERS, SHOWN, first_above
from wallstreetfeds.experiments.report import Row, Tables, markdown_table, with_interval
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import summary
from wallstreetfeds.sim.learning.cache import Answer

NAMES: Final = {"label-noise": "label noise", "few-bad": "a few bad", "feature-noise": "feature noise"}
CELL: Final = ("distribution", "method", "arm")
ROUNDS: Final = frozenset((0, 1, 2, 3, 5, 8, 12, 19))
"""Rounds paid of which tables and figures show what was seen."""

GAINS: Final = ("gain", "gain_auc", "pooled_gain")
AREAS: Final = ("price_auc", "last_auc", "cumulative_auc")


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return what prices and scores said: by round, over all rounds, by first round, against retraining."""
    flat = flat_rows(jobs, answers)
    rows = [_with_gains(row) for row in flat if row["method"] in SHOWN]
    by_quality = where(rows, truth="quality")
    against = where(rows, truth="retrained")
    last = max((row["paid"] for row in rows), default=0)
    assessed = [row for row in by_quality if row["method"] != "data-size" and row["paid"] > 0]
    return {
        "by_round": summary(
            [row for row in by_quality if row["paid"] in ROUNDS],
            [*CELL, "paid"],
            [*READERS, *AREAS, "gain", "gain_auc"],
        ),
        "added": summary(assessed, ["distribution", "arm"], GAINS),
        "added_by_method": summary(assessed, CELL, GAINS),
        "until": summary(_until(by_quality), CELL, ["price", "last", "cumulative"]),
        "retraining": summary(where(against, paid=last), CELL, READERS),
        "agreement": summary(
            where(flat, method="retrained"), ["distribution"], ["agreement", "with_quality"]
        ),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the page by name."""
    return {
        "correlations": _correlations(tables["by_round"]),
        "until": _until_block(tables["until"]),
        "worst": _worst(tables["by_round"]),
        "retraining": _retraining(tables["retraining"]),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "price-quality-rounds.svg": svg(_rounds(tables["by_round"])),
            "price-quality-added.svg": svg(_added(tables["by_round"])),
        }


# --- tables ---


def _with_gains(row: Row) -> Row:
    """What the price says more than the cumulative share, and than signals and scores pooled."""
    return row | {
        "gain": _less(row["price"], row["cumulative"]),
        "gain_auc": _less(row["price_auc"], row["cumulative_auc"]),
        "pooled_gain": _less(row["price"], row["pooled"]),
    }


def _less(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left - right


def _until(rows: Sequence[Row]) -> list[Row]:
    """Return one row a federation, method and arm: rounds paid until a reader exceeded the threshold."""
    lives: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        lives[tuple(row[key] for key in (*CELL, "seed"))].append(row)
    return [
        dict(zip((*CELL, "seed"), life, strict=True))
        | {
            reader: first_above([row[reader] for row in seen], never=len(seen))
            for reader in ("price", "last", "cumulative")
        }
        for life, seen in lives.items()
    ]


# --- blocks ---


def _correlations(rows: list[Row]) -> str:
    shown = [row for row in rows if row["paid"] in (1, 5, 19) and row["arm"] != "cash-only"]
    public = [row for row in shown if row["arm"] == "public"]
    body = []
    for row in public:
        key = {name: row[name] for name in ("distribution", "method", "paid")}
        private = where(shown, arm="private", **key)
        body.append(
            [
                NAMES[row["distribution"]],
                row["method"],
                str(row["paid"]),
                *[with_interval(row[reader], 2) for reader in ("last", "cumulative", "price")],
                with_interval(private[0]["price"] if private else None, 2),
                with_interval(private[0]["pooled"] if private else None, 2),
            ]
        )
    heads = ["quality", "paid by", "rounds", "last share", "cumulative share", "price", "price, signals"]
    return markdown_table([*heads, "signals and scores pooled"], body)


def _until_block(rows: list[Row]) -> str:
    heads = ["quality", "paid by", "investors", "price", "last share", "cumulative share"]
    return markdown_table(
        heads,
        [
            [
                NAMES[row["distribution"]],
                row["method"],
                row["arm"],
                *[with_interval(row[reader], 1) for reader in ("price", "last", "cumulative")],
            ]
            for row in rows
        ],
    )


def _worst(rows: list[Row]) -> str:
    heads = ["quality", "investors", "rounds", "price", "last share", "cumulative share"]
    return markdown_table(
        heads,
        [
            [
                NAMES[row["distribution"]],
                row["arm"],
                str(row["paid"]),
                *[with_interval(row[area], 2) for area in AREAS],
            ]
            for row in where(rows, method="surrogate")
            if row["paid"] in (0, 1, 5, 19)
        ],
    )


def _retraining(rows: list[Row]) -> str:
    heads = ["quality", "paid by", "last share", "cumulative share", "price", "federations"]
    return markdown_table(
        heads,
        [
            [
                NAMES[row["distribution"]],
                row["method"],
                *[with_interval(row[reader], 2) for reader in ("last", "cumulative", "price")],
                str(row["seeds"]),
            ]
            for row in where(rows, arm="public")
        ],
    )


# --- figures ---


def _panels(rows: list[Row], ylabel: str) -> tuple[Figure, dict[str, Any]]:
    shown = [name for name in DISTRIBUTIONS if where(rows, distribution=name)]
    titles = [NAMES[name] for name in shown]
    figure, panels = curve_panels(len(shown), titles=titles, xlabel="rounds paid", ylabel=ylabel)
    return figure, dict(zip(shown, panels, strict=True))


def _rounds(rows: list[Row]) -> Figure:
    """Rank correlation with quality by round, paid by the surrogate, a panel for each distribution."""
    figure, panels = _panels(rows, "Spearman correlation with quality")
    for name, ax in panels.items():
        of = where(rows, distribution=name, method="surrogate")
        column_line(ax, where(of, arm="public"), "paid", "cumulative", GREY, "x")
        column_line(ax, where(of, arm="public"), "paid", "price", BLUE, "o")
        column_line(ax, where(of, arm="private"), "paid", "price", ORANGE, "^")
        column_line(ax, where(of, arm="cash-only"), "paid", "price", PURPLE, "s")
        ax.axhline(0.8, color=MUTED, linewidth=1.0, linestyle=(0, (4, 2)))
        ax.set_ylim(-0.1, 1.0)
    legend(
        figure,
        [
            ("cumulative share", GREY, "x"),
            ("price", BLUE, "o"),
            ("price, two have signals", ORANGE, "^"),
            ("price, investors begin with cash alone", PURPLE, "s"),
        ],
    )
    return figure


def _added(rows: list[Row]) -> Figure:
    """What the price says more than the cumulative share, by method of pay."""
    figure, panels = _panels(rows, "price less cumulative share (Spearman)")
    for name, ax in panels.items():
        for method, colours in (("surrogate", (BLUE, "o")), ("gtg", (GREEN, "D"))):
            of = where(rows, distribution=name, method=method)
            column_line(ax, where(of, arm="public"), "paid", "gain", *colours)
        of = where(rows, distribution=name, method="surrogate", arm="private")
        column_line(ax, of, "paid", "gain", ORANGE, "^")
        ax.axhline(0.0, color=MUTED, linewidth=1.0)
    legend(
        figure,
        [
            ("paid by surrogate", BLUE, "o"),
            ("paid by GTG", GREEN, "D"),
            ("surrogate, two have signals", ORANGE, "^"),
        ],
    )
    return figure
