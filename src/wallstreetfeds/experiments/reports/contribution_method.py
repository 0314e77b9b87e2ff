"""What shows `contribution-method`: volatility, who stays, the model, and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.figure import Figure

from wallstreetfeds.experiments.contribution_method import PAYING
from wallstreetfeds.experiments.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    drawing,
    legend,
    name_rows,
    row_panels,
    svg,
    where,
    whisker,
)
from wallstreetfeds.experiments.frames import flat_rows
from wallstreetfeds.experiments.report import Row, Tables, markdown_table, with_interval
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import summary
from wallstreetfeds.sim.learning.cache import Answer

KEYS: Final = ("method", "allocation", "view")
VALUES: Final = (
    "reward_change",
    "price_change",
    "opening_error",
    "better_left",
    "worse_left",
    "log_loss",
    "log_loss_lost",
    "accuracy",
)
EXTRA: Final = 0.14
"""Half of the distance between two marks of a row."""


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return all measures by method, allocation and view, and what supplies and cap change, seed by seed."""
    rows = flat_rows(jobs, answers)
    return {
        "methods": summary(rows, KEYS, VALUES),
        "against_equal": summary(_differences(rows), KEYS, VALUES),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the page by name."""
    return {
        "staying": _staying(tables["methods"]),
        "volatility": _volatility(tables["methods"]),
        "supplies": _supplies(tables["against_equal"]),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "contribution-method-staying.svg": svg(_who_stays(tables["methods"])),
            "contribution-method-changes.svg": svg(_changes(tables["methods"])),
        }


def _differences(rows: Sequence[Row]) -> list[Row]:
    """Return each measure less that under equal supplies with the cap, in the same federation."""
    plain = {(row["method"], row["view"], row["seed"]): row for row in where(rows, allocation="equal")}
    return [
        {key: row[key] for key in (*KEYS, "seed")}
        | {value: row[value] - plain[row["method"], row["view"], row["seed"]][value] for value in VALUES}
        for row in rows
        if row["allocation"] != "equal"
    ]


# --- blocks ---


def _staying(rows: list[Row]) -> str:
    heads = ["paid by", "expecting by", "better half still there, %", "worse half still there, %"]
    return markdown_table(
        [*heads, "log-loss, nats", "lost by leaving, nats", "accuracy, %"],
        [
            [
                row["method"],
                row["view"],
                with_interval(row["better_left"], 0, 100.0),
                with_interval(row["worse_left"], 0, 100.0),
                with_interval(row["log_loss"], 3),
                with_interval(row["log_loss_lost"], 3),
                with_interval(row["accuracy"], 1, 100.0),
            ]
            for row in where(rows, allocation="equal")
        ],
    )


def _volatility(rows: list[Row]) -> str:
    heads = ["paid by", "supplies", "reward, change a round", "price, change a round", "opening price, error"]
    return markdown_table(
        heads,
        [
            [
                row["method"],
                row["allocation"],
                *[with_interval(row[name], 3) for name in ("reward_change", "price_change", "opening_error")],
            ]
            for row in where(rows, view="scores")
        ],
    )


def _supplies(rows: list[Row]) -> str:
    heads = ["paid by", "supplies", "expecting by", "price, change a round", "opening price, error"]
    return markdown_table(
        [*heads, "better half, points", "worse half, points", "log-loss, nats"],
        [
            [
                row["method"],
                row["allocation"],
                row["view"],
                with_interval(row["price_change"], 3),
                with_interval(row["opening_error"], 3),
                with_interval(row["better_left"], 0, 100.0),
                with_interval(row["worse_left"], 0, 100.0),
                with_interval(row["log_loss"], 3),
            ]
            for row in rows
        ],
    )


# --- figures ---


def _who_stays(rows: list[Row]) -> Figure:
    """Better and worse clients still there, and what leaving cost the model; equal supplies."""
    of = where(rows, allocation="equal")
    return _marks(
        _joined(where(of, view="scores"), {"price": where(of, view="price")}),
        [
            ("still there, %, by scores", 100.0, (("better_left", BLUE, "o"), ("worse_left", ORANGE, "^"))),
            (
                "still there, %, by price",
                100.0,
                (("better_left_price", BLUE, "o"), ("worse_left_price", ORANGE, "^")),
            ),
            ("log-loss lost, nats, by scores", 1.0, (("log_loss_lost", GREEN, "D"),)),
        ],
        [("better half", BLUE, "o"), ("worse half", ORANGE, "^"), ("the model", GREEN, "D")],
    )


def _changes(rows: list[Row]) -> Figure:
    """How much rewards and prices move, by how supplies are given out; clients go by scores."""
    of = where(rows, view="scores")
    others = {name: where(of, allocation=name) for name in ("uncapped", "reputation")}
    return _marks(
        _joined(where(of, allocation="equal"), others),
        [
            (
                title,
                1.0,
                (
                    (name, BLUE, "o"),
                    (f"{name}_uncapped", GREY, "x"),
                    (f"{name}_reputation", ORANGE, "^"),
                ),
            )
            for name, title in (
                ("reward_change", "reward, change a round"),
                ("price_change", "price, change a round"),
                ("opening_error", "opening price, error"),
            )
        ],
        [
            ("equal supplies", BLUE, "o"),
            ("equal supplies, no score cap", GREY, "x"),
            ("supplies by reputation", ORANGE, "^"),
        ],
        "in equal shares of a pot",
    )


def _joined(rows: list[Row], others: Mapping[str, list[Row]]) -> list[Row]:
    """Return a row a method that has the measures of other rows, too, with their name behind."""
    merged = []
    for row in rows:
        more: Row = {}
        for name, of in others.items():
            for other in where(of, method=row["method"]):
                more |= {f"{value}_{name}": other[value] for value in VALUES}
        merged.append(row | more)
    return merged


def _marks(
    rows: list[Row],
    shown: Sequence[tuple[str, float, Sequence[tuple[str, str, str]]]],
    entries: Sequence[tuple[str, str, str]],
    below: str = "",
) -> Figure:
    """Return a panel for each of `shown`: a row a method, one mark for each of its columns."""
    names = [name for name in PAYING if where(rows, method=name)]
    figure, panels = row_panels(len(shown), len(names), left=130)
    for ax, (title, scale, columns) in zip(panels, shown, strict=True):
        for place, name in enumerate(names):
            (row,) = where(rows, method=name)
            for number, (column, colour, marker) in enumerate(columns):
                if column not in row:
                    continue  # not measured on a chain
                offset = EXTRA * (2 * number - len(columns) + 1)
                whisker(ax, [scale * end for end in row[column]], place + offset, colour, marker)
        ax.set_title(title, fontsize=13, color=INK)
        ax.axvline(0.0, color=MUTED, linewidth=0.8)
    name_rows(panels, names)
    figure.text(0.55, 0.015, below, ha="center", color=MUTED)
    legend(figure, entries)
    return figure
