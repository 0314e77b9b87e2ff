"""Shows what manipulation earns, whom it costs, and which alarms ring."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from wallstreetfeds.experiments.drawing import (
    BLUE,
    GREEN,
    MUTED,
    ORANGE,
    PURPLE,
    SERIES,
    curve_panels,
    drawing,
    interval_line,
    legend,
    name_rows,
    row_panels,
    svg,
    where,
    whisker,
)
from wallstreetfeds.experiments.frames import flat_rows
from wallstreetfeds.experiments.report import Row, Tables, fixed, markdown_table, with_interval
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import CONFIDENCE, summary
from wallstreetfeds.sim.learning.cache import Answer

KEYS: Final = ("kind", "seats", "gain", "followers", "check", "bond")
GROUPS: Final = {
    "attacker": ("attacker", BLUE, "o"),
    "clients": ("honest clients", ORANGE, "^"),
    "investors": ("investors", GREEN, "D"),
    "providers": ("liquidity provider", PURPLE, "s"),
}
ALARMS: Final = {
    "recomputed_alike": "recomputed,\nsame seed (by construction)",
    "recomputed_anew": "recomputed,\nother sampler",
    "price": "score above\nprice",
    "volume": "volume by\nholder",
    "circular": "there and\nback",
}
EXACT: Final = "recomputed_alike"
"""The same numbers come out or the claim is false: nothing about it is measured, and it is not drawn."""

USUAL: Final = 50_000.0
"""Followers' money in the runs that alarms are read in: honest ones are compared with their like."""

QUANTILE: Final = 0.95
RESAMPLES: Final = 2_000


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return profits and losses by attack, the break-even of checking, and the rates of alarms."""
    rows = flat_rows(jobs, answers)
    attacks = [row for row in rows if row["kind"] != "honest"]
    return {
        "attacks": summary(attacks, KEYS, [*GROUPS, "overpaid", "caught"]),
        "break_even": _break_even(attacks),
        "alarms": _alarms(rows),
    }


def blocks(tables: Tables) -> dict[str, str]:
    """Return the Markdown tables of the page."""
    money = [
        [_label(row), _checked(row), *[with_interval(row[group], 1, 100.0) for group in GROUPS]]
        for row in tables["attacks"]
    ]
    rung = [
        [
            _label(rows[0]),
            *[
                fixed(100.0 * cell["rate"][0], 0) if alarm == EXACT else with_interval(cell["rate"], 0, 100.0)
                for alarm in ALARMS
                for cell in where(rows, alarm=alarm)
            ],
        ]
        for rows in _by_label(tables["alarms"])
    ]
    return {
        "money": markdown_table(
            ["attack", "rounds recomputed", *[name for name, _, _ in GROUPS.values()]], money
        ),
        "alarms": markdown_table(
            ["run", *[name.replace("\n", " ") for name in ALARMS.values()]],
            rung,
        ),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name."""
    with drawing():
        return {
            "manipulation-money.svg": svg(_money(tables["attacks"])),
            "manipulation-checks.svg": svg(_checks(tables["attacks"])),
            "manipulation-alarms.svg": svg(_rates(tables["alarms"])),
        }


# --- tables ---


def _break_even(attacks: Sequence[Row]) -> list[Row]:
    """Return the part of rounds that has to be recomputed before collusion up to the cap loses money.

    Where nobody checks no bond is touched: those runs are the default's and the larger bond's alike.
    """
    found = []
    rows = [row for row in attacks if row["kind"] == "collusion" and row["gain"] == 0.0]
    for seats, bond in _collusions(rows):
        mine = [row for row in where(rows, seats=seats) if row.get("bond") == bond or row["check"] == 0.0]
        checks, seeds = (sorted({row[key] for row in mine}) for key in ("check", "seed"))
        profit = {(row["check"], row["seed"]): row["attacker"] for row in mine}
        grid = np.array([[profit[check, seed] for seed in seeds] for check in checks])
        draws = np.random.default_rng(0).integers(0, len(seeds), size=(RESAMPLES, len(seeds)))
        zeros = [_zero(checks, grid[:, draw].mean(axis=1)) for draw in draws]
        tail = (1.0 - CONFIDENCE) / 2.0
        ends = np.quantile(zeros, [tail, 1.0 - tail]).tolist()
        check = [round(number, 6) for number in (_zero(checks, grid.mean(axis=1)), *ends)]
        found.append({"seats": seats, "bond": bond, "check": check, "seeds": len(seeds)})
    return found


def _zero(checks: Sequence[float], profits: np.ndarray) -> float:
    """Return where falling `profits` are zero, between two checks on a straight line; 1 if nowhere."""
    return float(np.interp(0.0, profits[::-1], checks[::-1])) if profits[-1] < 0.0 else 1.0


def _alarms(rows: Sequence[Row]) -> list[Row]:
    """Return how often each alarm rings in honest runs and under each attack that nobody checks.

    Thresholds come from honest runs with seeds that no attack was tried with.
    """
    seen = [row for row in rows if row["followers"] == USUAL and row["check"] == 0.0]
    tried = {row["seed"] for row in seen if row["kind"] != "honest"}
    known = [row for row in seen if row["kind"] == "honest" and row["seed"] not in tried]
    fresh = [row for row in seen if row["seed"] in tried]
    found = []
    for alarm in ALARMS:
        usual = [row[alarm] for row in known]
        threshold = 0.0 if alarm == EXACT else float(np.quantile(usual, QUANTILE))
        for rows_ in _by_label(fresh):
            rate = _rate(sum(row[alarm] > threshold for row in rows_), len(rows_))
            keys = {key: rows_[0][key] for key in KEYS}
            found.append(
                {"alarm": alarm}
                | keys
                | {"threshold": round(threshold, 6), "rate": rate, "seeds": len(rows_)}
            )
    return found


def _rate(rung: int, runs: int) -> list[float]:
    """Return the part of runs that rang with its 95 % interval by Wilson (1927): no point even at 0 and 1."""
    part, z = rung / runs, 1.959964
    middle = (part + z**2 / (2 * runs)) / (1 + z**2 / runs)
    half = z * sqrt(part * (1 - part) / runs + z**2 / (4 * runs**2)) / (1 + z**2 / runs)
    return [round(number, 6) for number in (part, max(0.0, middle - half), min(1.0, middle + half))]


# --- words ---


def _label(row: Row) -> str:
    seats = "1 client" if row["seats"] == 1 else f"{row['seats']} clients"
    if row["kind"] == "collusion":
        what = f"plus {100 * row['gain']:.0f} % of the pot" if row["gain"] else "to the cap"
        bond = "" if row.get("bond") is None else f", bond {100 * row['bond']:.0f} %"
        return f"collusion, {seats}, {what}{bond}"
    if row["kind"] == "puppets":
        return "1 puppet" if row["seats"] == 1 else f"{row['seats']} puppets"
    if row["kind"] == "pump":
        return f"pump and dump, {row['followers'] / 1e4:.0f} % follow"
    return "wash trading" if row["kind"] == "wash" else "honest"


def _checked(row: Row) -> str:
    return f"{100 * row['check']:.0f} %"


def _collusions(rows: Sequence[Row]) -> list[tuple[int, float | None]]:
    """Return how many clients collude under which bond, the default first."""
    pairs = {(row["seats"], row.get("bond")) for row in rows}
    return sorted(pairs, key=lambda pair: (pair[0], pair[1] or 0.0))


def _by_label(rows: Sequence[Row]) -> list[list[Row]]:
    labels = dict.fromkeys(map(_label, rows))
    return [[row for row in rows if _label(row) == label] for label in labels]


# --- figures ---


def _money(rows: Sequence[Row]) -> Figure:
    """Who gains and loses, a panel for each group; only attacks that nobody checks."""
    shown = [row for row in rows if row["check"] == 0.0]
    figure, panels = row_panels(len(GROUPS), len(shown), left=260)
    for ax, (group, (name, colour, marker)) in zip(panels, GROUPS.items(), strict=True):
        for place, row in enumerate(shown):
            whisker(ax, [100.0 * value for value in row[group]], place, colour, marker)
        ax.axvline(0.0, color=MUTED, linewidth=0.8)
        ax.set_title(name, fontsize=13)
    name_rows(panels, [_label(row) for row in shown])
    text = "gain against the same run without the attack, % of the budget; nobody recomputes"
    figure.text(0.5, 0.015, text, ha="center", color=MUTED)
    return figure


def _checks(rows: Sequence[Row]) -> Figure:
    """The colluders' gain over the part of rounds that is recomputed."""
    figure, (ax,) = curve_panels(1, xlabel="rounds recomputed, %", ylabel="attacker's gain, % of the budget")
    entries = []
    shown = [row for row in rows if row["kind"] == "collusion" and not row["gain"]]
    for (seats, bond), (colour, marker) in zip(_collusions(shown), SERIES, strict=False):
        mine = [row for row in where(shown, seats=seats) if row.get("bond") == bond]
        mine.sort(key=lambda row: float(row["check"]))
        cells = [[100.0 * value for value in row["attacker"]] for row in mine]
        interval_line(ax, [100.0 * row["check"] for row in mine], cells, colour, marker)
        whose = "1 sock client" if seats == 1 else f"{seats} sock clients"
        more = "" if bond is None else f", bond {100 * bond:.0f} %"
        entries.append((whose + more, colour, marker))
    ax.axhline(0.0, color=MUTED, linewidth=0.8)
    legend(figure, entries)
    return figure


def _rates(rows: Sequence[Row]) -> Figure:
    """How often each alarm rings, a panel for each alarm; honest runs on top."""
    groups = _by_label(rows)
    shown = {alarm: name for alarm, name in ALARMS.items() if alarm != EXACT}
    figure, panels = row_panels(len(shown), len(groups), left=260)
    for ax, (alarm, name) in zip(panels, shown.items(), strict=True):
        for place, group in enumerate(groups):
            colour, marker = (ORANGE, "^") if group[0]["kind"] == "honest" else (BLUE, "o")
            for row in where(group, alarm=alarm):
                whisker(ax, [100.0 * value for value in row["rate"]], place, colour, marker)
        ax.set_xlim(-5.0, 105.0)
        ax.set_title(name, fontsize=11)
    name_rows(panels, [_label(group[0]) for group in groups])
    figure.text(0.5, 0.015, "runs in which the alarm rings, %", ha="center", color=MUTED)
    return figure
