"""What shows `capital-raising`: who raised what, what became of it, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

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
from wallstreetfeds.experiments.report import Row, Tables, markdown_table, with_interval
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import summary
from wallstreetfeds.sim.learning.cache import Answer

KEYS: Final = ("part", "retention", "way", "use")
SALE: Final = (
    "sold",
    "raised",
    "proceeds",
    "excess_better",
    "excess_worse",
    "provider",
    "investors",
    "pearson",
    "spearman",
)
SPENDING: Final = (
    "spent",
    "pearson",
    "spearman",
    "spearman_gain",
    "log_loss",
    "improved",
    "accuracy",
    "proceeds",
)
USES: Final = (("pocket", GREY, "x"), ("rational", ORANGE, "^"), ("invest", BLUE, "o"))
RETENTIONS: Final = ((0.2, PURPLE, "s"), (0.4, GREEN, "D"))
WAYS: Final = (("single", GREY, "x"), ("twap", BLUE, "o"), ("bootstrapping", ORANGE, "^"))
WAY_NAMES: Final = {"single": "at once", "twap": "TWAP", "bootstrapping": "bootstrapping sale"}


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return the sales by part and way (the money pocketed), and the spending by part and use (TWAP)."""
    rows = flat_rows(jobs, answers)
    return {
        "sales": summary(where(rows, use="pocket"), KEYS, SALE),
        "spending": summary(where(rows, way="twap"), KEYS, SPENDING),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the page by name."""
    return {"sales": _sales(tables["sales"]), "spending": _spending(tables["spending"])}


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "capital-raising-sales.svg": svg(_proceeds(tables["sales"])),
            "capital-raising-spending.svg": svg(_uses(tables["spending"])),
        }


# --- blocks ---


def _sales(rows: list[Row]) -> str:
    heads = ["part sold", "way", "raised, thousands", "over rewards sold", "better half, %", "worse half, %"]
    return markdown_table(
        [*heads, "provider against holding", "traders' profit, %"],
        [
            [
                _part(row),
                WAY_NAMES[row["way"]],
                with_interval(row["raised"], 1, 0.001),
                with_interval(row["proceeds"], 2),
                with_interval(row["excess_better"], 0, 100.0),
                with_interval(row["excess_worse"], 0, 100.0),
                with_interval(row["provider"], 2),
                with_interval(row["investors"], 0, 100.0),
            ]
            for row in rows
        ],
    )


def _spending(rows: list[Row]) -> str:
    heads = [
        "part sold",
        "use",
        "spent, %",
        "Pearson",
        "Spearman",
        "Spearman with the gain",
        "log-loss, nats",
    ]
    return markdown_table(
        [*heads, "accuracy, %"],
        [
            [
                _part(row),
                row["use"] if row["part"] else "-",
                with_interval(row["spent"], 0, 100.0),
                with_interval(row["pearson"], 2),
                with_interval(row["spearman"], 2),
                with_interval(row["spearman_gain"], 2),
                with_interval(row["log_loss"], 3),
                with_interval(row["accuracy"], 1, 100.0),
            ]
            for row in rows
        ],
    )


def _part(row: Row) -> str:
    kept = f", {100 * row['retention']:.0f} % retained" if row["retention"] else ""
    return f"{100 * row['part']:.0f} %{kept}"


# --- figures ---


def _proceeds(rows: list[Row]) -> Figure:
    """What sellers got over the rewards they gave away, and what the provider is left with."""
    figure, panels = curve_panels(
        2,
        titles=["sellers: proceeds over rewards sold", "provider: against holding"],
        xlabel="part of the supply that every client sells, %",
        ylabel="ratio",
        shared=False,
    )
    for ax, column in zip(panels, ("proceeds", "provider"), strict=True):
        for way, colour, marker in WAYS:
            of = where(rows, way=way, retention=0.0)
            column_line(ax, of, "part", column, colour, marker, over_scale=100.0)
        ax.axhline(1.0, color=MUTED, linewidth=1.0)
    legend(figure, [(WAY_NAMES[way], colour, marker) for way, colour, marker in WAYS])
    return figure


def _uses(rows: list[Row]) -> Figure:
    """How much of the money reaches the data, and what it does to the model."""
    figure, panels = curve_panels(
        2,
        titles=["final model: log-loss, nats", "money raised against later contribution"],
        xlabel="part of the supply that every client sells, %",
        ylabel="log-loss",
        shared=False,
    )
    panels[1].set_ylabel("Spearman correlation")
    for ax, column in zip(panels, ("log_loss", "spearman"), strict=True):
        for use, colour, marker in USES:
            of = [row for row in where(rows, use=use, retention=0.0) if row["part"] > 0]
            column_line(ax, of, "part", column, colour, marker, over_scale=100.0)
        for retention, colour, marker in RETENTIONS:
            of = where(rows, use="rational", retention=retention)
            column_line(ax, of, "part", column, colour, marker, over_scale=100.0)
    legend(
        figure,
        [
            *[(use, colour, marker) for use, colour, marker in USES],
            *[
                (f"rational, {100 * retention:.0f} % retained", colour, marker)
                for retention, colour, marker in RETENTIONS
            ],
        ],
    )
    return figure
