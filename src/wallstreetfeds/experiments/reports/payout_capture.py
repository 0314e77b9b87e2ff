"""What shows `payout-capture`: what snipers keep, what openings cost, what dumping leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.figure import Figure

from wallstreetfeds.experiments.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
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
from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.learning.cache import Answer

PHASES: Final = ("early", "middle", "late")
WAYS: Final = (
    ("falling, monopolist", ORANGE, "^"),
    ("normal fee", GREY, "x"),
    ("falling, competitors", BLUE, "o"),
)
DESIGN: Final = {
    "normal fee": {1.0: 0.763, 3.0: 0.929, 10.0: 0.979},
    "falling, competitors": {1.0: 0.973, 3.0: 0.998, 10.0: 0.999},
}
"""What the design says of the opening, by way and spread."""

DUMP_KEYS: Final = ("curve", "listed", "retained", "fee", "dumpers")


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return the sniper's takings by phase, by round and over life; openings; dumps."""
    rows = flat_rows(jobs, answers)
    sniper = [row for row in rows if row["part"] == "sniper"]
    rounds = [row | {"phase": _phase(row)} for row in sniper if row["round"]]
    return {
        "sniper": summary(rounds, ("curve", "phase"), ("captured", "return")),
        "sniper_rounds": summary(rounds, ("curve", "round"), ("captured",)),
        "sniper_lives": summary([row for row in sniper if not row["round"]], ("curve",), ("profit", "taken")),
        "opening": summary(where(rows, part="opening"), ("listed", "spread", "way"), ("result", "profit")),
        "dumping": summary(where(rows, part="dumping"), DUMP_KEYS, ("lost", "bound", "result")),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the page by name."""
    return {
        "sniper": _sniper(tables),
        "opening": _opening(tables["opening"]),
        "dumping": _dumping(tables["dumping"]),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        drawn = {"payout-capture-sniper.svg": svg(_by_round(tables["sniper_rounds"]))}
        if tables["opening"]:  # on a chain there is none
            drawn["payout-capture-opening.svg"] = svg(_openings(tables["opening"]))
    return drawn


def _phase(row: Row) -> str:
    """The first fifth of all rounds is early, the last is late."""
    place = (row["round"] - 1) / row["rounds"]
    return "early" if place < 0.2 else "late" if place >= 0.8 else "middle"


# --- blocks ---


def _sniper(tables: Tables) -> str:
    heads = ["curve", "holders recorded at", *(f"kept of the yield, {phase}, %" for phase in PHASES)]
    heads += ["return a round, late, %", "profit, % of the budget", "providers lose, % of holding"]
    table = []
    for life in tables["sniper_lives"]:
        phases: Row = {row["phase"]: row for row in where(tables["sniper"], curve=life["curve"])}
        rows = [phases.get(phase, {}) for phase in PHASES]
        table.append(
            [
                life["curve"],
                CURVES[life["curve"]].record_at,
                *(with_interval(row.get("captured"), 0, 100.0) for row in rows),
                with_interval(rows[-1].get("return"), 1, 100.0),
                with_interval(life["profit"], 2, 100.0),
                with_interval(life["taken"], 1, 100.0),
            ]
        )
    return markdown_table(heads, table)


def _opening(rows: list[Row]) -> str:
    spreads = list(dict.fromkeys(row["spread"] for row in rows))
    heads = ["opening", *(f"Dirichlet {spread:g}" for spread in spreads)]
    table = []
    for way, _, _ in WAYS:
        if way in DESIGN:
            table.append([f"{way}: the design", *(f"{DESIGN[way][spread]:.3f}" for spread in spreads)])
        for listed in dict.fromkeys(row["listed"] for row in rows):
            cells = [where(rows, way=way, listed=listed, spread=spread)[0] for spread in spreads]
            table.append(
                [f"{way}: {100 * listed:g} % listed", *(with_interval(cell["result"], 3) for cell in cells)]
            )
    return markdown_table(heads, table)


def _dumping(rows: list[Row]) -> str:
    heads = ["curve", "listed", "retained", "fee", "dumpers", "numeraire lost, %"]
    heads += ["constant-mean bound, %", "result at maturity"]
    return markdown_table(
        heads,
        [
            [
                row["curve"],
                *(f"{100 * row[name]:g} %" for name in ("listed", "retained", "fee")),
                str(row["dumpers"]),
                f"{100 * row['lost'][0]:.1f}",
                f"{100 * row['bound'][0]:.1f}",
                with_interval(row["result"], 3),
            ]
            for row in rows
        ],
    )


# --- figures ---


def _by_round(rows: list[Row]) -> Figure:
    """What the sniper keeps by round: a panel for curves paid at settlement, one for record dates."""
    # After its sale, bootstrapping is the clock.
    curves = [name for name in dict.fromkeys(row["curve"] for row in rows) if name != "bootstrapping"]
    kinds = {
        "holders recorded at the payment": [name for name in curves if CURVES[name].record_at == "payment"],
        "holders recorded at the opening": [name for name in curves if CURVES[name].record_at == "opening"],
    }
    figure, panels = curve_panels(
        2, height=420, titles=list(kinds), xlabel="round", ylabel="kept of the round's yield, %"
    )
    entries = []
    for ax, names in zip(panels, kinds.values(), strict=True):
        ax.axhline(0.0, color=INK, linewidth=0.8)
        for name in names:
            colour, marker = SERIES[curves.index(name)]
            seen = where(rows, curve=name)
            cells = [[100.0 * part for part in row["captured"]] for row in seen]
            interval_line(ax, [row["round"] for row in seen], cells, colour, marker, every=6)
            entries.append((name, colour, marker))
    legend(figure, entries, columns=4)
    figure.subplots_adjust(top=0.8)
    return figure


def _openings(rows: list[Row]) -> Figure:
    """What providers keep of an opening, by spread of quality: a panel for each listed part."""
    listed = list(dict.fromkeys(row["listed"] for row in rows))
    spreads = sorted({row["spread"] for row in rows})
    figure, panels = curve_panels(
        len(listed),
        titles=[f"{100 * part:g} % of every supply listed" for part in listed],
        xlabel="how alike clients are: concentration of the Dirichlet distribution of quality (log scale)",
        ylabel="provider's result over holding",
    )
    for ax, part in zip(panels, listed, strict=True):
        for way, colour, marker in WAYS:
            cells = [where(rows, listed=part, way=way, spread=spread)[0]["result"] for spread in spreads]
            interval_line(ax, spreads, cells, colour, marker)
        design = [DESIGN["falling, competitors"][spread] for spread in spreads]
        ax.plot(spreads, design, "|", color=GREEN, markersize=12, markeredgewidth=2.0)
        ax.plot(
            spreads,
            [DESIGN["normal fee"][spread] for spread in spreads],
            "|",
            color=GREEN,
            markersize=12,
            markeredgewidth=2.0,
        )
        ax.set_xscale("log")
        ax.set_xticks(spreads, [f"{spread:g}" for spread in spreads])
        ax.minorticks_off()
    legend(figure, [*WAYS, ("the design", GREEN, "|")])
    return figure
