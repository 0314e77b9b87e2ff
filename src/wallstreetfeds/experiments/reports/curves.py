"""What shows `curves`: what providers keep on every curve, the design's table again, prices and costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.figure import Figure

from wallstreetfeds.experiments.drawing import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
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

MEASURES: Final = ("result", "over_clock", "profit", "error", "worst_error", "slippage", "volume")
SPREADS: Final = (("equal quality", None), ("Dirichlet 3", 3.0))
RECORDED: Final = ("credit", "digits")
NOISES: Final = ((0.0, BLUE, "o"), (0.5, GREEN, "D"), (1.0, ORANGE, "^"))
DESIGN: Final = {
    "static": (0.902, 0.864, 0.802, 0.756),
    "clock, paid at settlement": (1.000, 0.985, 0.952, 0.895),
    "clock and record date": (1.000, 1.000, 1.000, 0.940),
}
"""The table of the design, whose columns are those of `COLUMNS`."""

COLUMNS: Final = ((0.0, None), (0.5, None), (1.0, None), (1.0, 3.0))
TICKS: Final = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
SHOWN_NOISE: Final = 0.5
SHOWN_SPREAD: Final = 3.0


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return means by curve: for synthetic rewards, for recorded ones and the crowd, for the small model."""
    rows = _against_clock(flat_rows(jobs, answers))
    small = [row for row in rows if row["source"] == "small-model"]
    synthetic = [row for row in rows if row["source"] == "synthetic"]
    others = [row for row in rows if row["source"] not in ("small-model", "synthetic")]
    return {
        "synthetic": summary(synthetic, ("noise", "spread", "curve"), MEASURES),
        "others": summary(others, ("source", "curve"), MEASURES),
        "small_model": summary(small, ("curve", "noise", "spread"), ("result", "drained")),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the page by name."""
    return {
        "liquidity": _by_curve(tables, "result", 3),
        "profit": _by_curve(tables, "profit", 2, 100.0),
        "small-model": _small_model(tables["small_model"]),
        "prices": _prices(tables),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "curves-liquidity.svg": svg(_liquidity(tables)),
            "curves-prices.svg": svg(_price_figure(tables)),
        }


def _against_clock(rows: list[Row]) -> list[Row]:
    """Add to every row what providers get more than on the clock with the same rewards."""

    def history(row: Row) -> tuple[object, ...]:
        return row["source"], row["noise"], row["spread"], row["seed"]

    clock = {history(row): row["result"] for row in rows if row["curve"] == "clock"}
    return [
        row | {"over_clock": row["result"] - clock[history(row)] if history(row) in clock else None}
        for row in rows
    ]


# --- blocks ---


def _by_curve(tables: Tables, value: str, decimals: int, scale: float = 1.0) -> str:
    synthetic, others = tables["synthetic"], tables["others"]
    cells = [(row["noise"], row["spread"]) for row in where(synthetic, curve=synthetic[0]["curve"])]
    sources = [row["source"] for row in where(others, curve=synthetic[0]["curve"])]
    heads = [
        f"{'equal' if spread is None else f'Dirichlet {spread:g}'}, noise {noise:g}"
        for noise, spread in cells
    ]
    table = []
    for curve in _curves(tables):
        line = [where(synthetic, curve=curve, noise=noise, spread=spread)[0] for noise, spread in cells]
        line += [where(others, curve=curve, source=source)[0] for source in sources]
        table.append([curve, *(with_interval(row[value], decimals, scale) for row in line)])
    return markdown_table(["curve", *heads, *sources], table)


def _small_model(rows: list[Row]) -> str:
    heads = ["rule", "no noise", "noise 0.5", "noise 1.0", "Dirichlet 3, noise 1.0"]
    table = []
    for rule, design in DESIGN.items():
        cells = [where(rows, curve=rule, noise=noise, spread=spread) for noise, spread in COLUMNS]
        if not all(cells):
            continue
        table.append([f"{rule}: the design", *(f"{number:.3f}" for number in design)])
        table.append([f"{rule}: measured", *(with_interval(cell[0]["result"], 3) for cell in cells)])
        if rule == "static":
            drained = [with_interval(cell[0]["drained"], 3) for cell in cells]
            table.append(["static, trading after the last payment: measured", *drained])
    return markdown_table(heads, table)


def _prices(tables: Tables) -> str:
    heads = ["curve", "price error, %", "largest, %", "standard order, %", "volume, % of the budget"]
    heads += ["the same with a crowd: result", "price error, %", "volume, %"]
    table = []
    for curve in _curves(tables):
        cells = where(tables["synthetic"], curve=curve, noise=SHOWN_NOISE, spread=SHOWN_SPREAD)
        crowd = where(tables["others"], curve=curve, source="crowd")
        if not cells:
            continue
        line = [
            with_interval(cells[0][name], decimals, 100.0)
            for name, decimals in (("error", 1), ("worst_error", 0), ("slippage", 1), ("volume", 0))
        ]
        if crowd:
            line.append(with_interval(crowd[0]["result"], 3))
            line += [with_interval(crowd[0][name], 1, 100.0) for name in ("error", "volume")]
        table.append([curve, *line, *["-"] * (len(heads) - 1 - len(line))])
    return markdown_table(heads, table)


def _curves(tables: Tables) -> list[str]:
    return list(dict.fromkeys(row["curve"] for row in tables["synthetic"]))


# --- figures ---


def _liquidity(tables: Tables) -> Figure:
    """What providers keep, by curve: a panel for each kind of rewards."""
    curves = _curves(tables)
    figure, panels = row_panels(4, len(curves), left=170)
    for ax, (title, spread) in zip(panels, SPREADS, strict=False):
        ax.set_title(title, fontsize=13, color=INK)
        for place, (noise, colour, marker) in enumerate(NOISES):
            for number, curve in enumerate(curves):
                for row in where(tables["synthetic"], curve=curve, noise=noise, spread=spread):
                    whisker(ax, row["result"], number + 0.26 * (place - 1), colour, marker)
    for ax, source in zip(panels[len(SPREADS) :], RECORDED, strict=True):
        ax.set_title(f"trained on {source}", fontsize=13, color=INK)
        for number, curve in enumerate(curves):
            for row in where(tables["others"], curve=curve, source=source):
                whisker(ax, row["result"], number, PURPLE, "s")
    name_rows(panels, curves)
    _label(figure, "what the liquidity provider has at maturity, over what holding would have left it")
    entries = [(f"noise {noise:g}", colour, marker) for noise, colour, marker in NOISES]
    legend(figure, [*entries, ("recorded rewards", PURPLE, "s")])
    return figure


def _price_figure(tables: Tables) -> Figure:
    """Price error, cost of an order and volume, by curve, with and without a crowd."""
    curves = _curves(tables)
    figure, panels = row_panels(3, len(curves), left=170)
    titles = {
        "error": "price error, % (log scale)",
        "slippage": "cost of a standard order, %",
        "volume": "volume, % of the budget",
    }
    for ax, (value, title) in zip(panels, titles.items(), strict=True):
        ax.set_title(title, fontsize=13, color=INK)
        for number, curve in enumerate(curves):
            alone = where(tables["synthetic"], curve=curve, noise=SHOWN_NOISE, spread=SHOWN_SPREAD)
            crowd = where(tables["others"], curve=curve, source="crowd")
            for rows, colour, marker, off in ((alone, BLUE, "o", -0.15), (crowd, ORANGE, "^", 0.15)):
                for row in rows:
                    if row[value] is not None:
                        cell = [100.0 * number for number in row[value]]
                        whisker(ax, cell, number + off, colour, marker)
        if value == "error":
            ax.set_xscale("log")
            ax.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
            ax.minorticks_off()
    name_rows(panels, curves)
    _label(figure, "noise 0.5, quality Dirichlet 3; means with 95 % intervals")
    legend(figure, [("one arbitrageur", BLUE, "o"), ("and four noise traders", ORANGE, "^")])
    return figure


def _label(figure: Figure, text: str) -> None:
    figure.text(0.55, 0.02, text, ha="center", color=INK, fontsize=12)
