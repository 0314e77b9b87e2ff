"""The figures of the report, each for a page and, narrower, for a phone."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from wallstreetfeds.demo.drawing import (
    GOOD,
    INK,
    INVESTORS,
    KEPT,
    MUTED,
    NOISY,
    PAPER,
    PROVIDERS,
    QUALITY,
    RULE,
    SIGN,
    axes,
    svg,
)
from wallstreetfeds.demo.result import ClientResult, DemoResult
from wallstreetfeds.demo.sentences import percent

WIDE: Final = 1040
NARROW: Final = 400
CROSS: Final = "\N{MULTIPLICATION SIGN}"
MOST_COLUMNS: Final = 60
"""Columns of the heat map; longer runs show means over several rounds."""

MOST_MARKS: Final = 40
"""Rounds marked by a point each on the model's line."""


def ranked(result: DemoResult) -> list[int]:
    """Return the clients' positions, the highest share of all rewards first."""
    return sorted(range(len(result.clients)), key=lambda k: -result.clients[k].score_share)


def share_map(result: DemoResult, width: int) -> str:
    """Draw each round's score shares, clients by rounds; who did not count is crossed out."""
    order, wide, played = ranked(result), width == WIDE, len(result.series)
    shares = np.array([round_.score_shares for round_ in result.series])[:, order].T
    out = np.zeros_like(shares)
    for round_ in result.series:
        for excluded in round_.excluded:
            if excluded.client is not None:
                out[order.index(excluded.client), round_.round - 1] = 1
    most = MOST_COLUMNS if wide else MOST_COLUMNS // 3
    step = -(-played // most)
    starts = list(range(0, played, step))
    cells = np.array([shares[:, start : start + step].mean(axis=1) for start in starts]).T
    crossed = np.array([out[:, start : start + step].max(axis=1) for start in starts]).T
    top = float(cells.max()) or 1.0
    rows, columns = cells.shape
    tall = 24 if rows <= 24 else 17
    ax = axes(width, rows * tall + 90, left=118, right=76, top=44, bottom=46)
    numbers = columns <= (14 if wide else 0)
    for (row, column), share in np.ndenumerate(cells):
        strength = float(share) / top
        ax.add_patch(
            Rectangle(
                (column - 0.48, row - 0.46),
                0.96,
                0.92,
                facecolor=to_rgba(GOOD, strength),
                edgecolor=to_rgba(RULE, 0.5),
                linewidth=0.5,
            )
        )
        if crossed[row, column]:
            ax.text(column, row, CROSS, ha="center", va="center", color=NOISY, fontsize=12)
        elif numbers and strength > 0:
            dark = strength > 0.55
            text = f"{100 * share:.0f}" if share >= 0.005 else "<1"
            ax.text(
                column,
                row,
                text,
                ha="center",
                va="center_baseline",
                color=PAPER if dark else INK,
                fontsize=11,
            )
    _names(ax, result, order)
    ax.annotate(
        "all rounds",
        (1, 1),
        xycoords="axes fraction",
        xytext=(8, 5),
        textcoords="offset points",
        fontsize=11,
        color=MUTED,
    )
    for row, k in enumerate(order):
        total = percent(result.clients[k].score_share)
        ax.annotate(
            total,
            (columns - 0.5, row),
            xytext=(8, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=11,
        )
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    every = max(1, -(-columns // (20 if wide else 8)))
    ax.set_xticks(range(0, columns, every), [str(start + 1) for start in starts[::every]])
    ax.tick_params(length=0)
    ax.set_xlabel("round" if step == 1 else f"first of {step} rounds (means)")
    _scale(ax, top, width)
    return svg(ax, f"shares-{width}", "Score share of every client in every round, as a heat map")


def reward_bars(result: DemoResult, width: int) -> str:
    """Draw what every client's token earned, and who was paid."""
    order, wide = ranked(result), width == WIDE
    rows = len(order)
    tall = 26 if rows <= 24 else 19
    unit = 10**result.numeraire_decimals
    ax = axes(width, rows * tall + 90, left=118, right=96 if wide else 70, top=38, bottom=48)
    left = np.zeros(rows)
    parts = (
        ("kept by the client", "kept", KEPT, "reward_client"),
        ("investors", "investors", INVESTORS, "reward_investors"),
        ("liquidity providers", "providers", PROVIDERS, "reward_providers"),
    )
    for _, _, colour, name in parts:
        amounts = np.array([getattr(result.clients[k], name) / unit for k in order])
        ax.barh(range(rows), amounts, left=left, height=0.68, color=colour, linewidth=0)
        left += amounts
    for row, total in enumerate(left):
        ax.annotate(
            f"{total:,.0f}",
            (total, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=11,
        )
    at = 0.0
    for long, short, colour, _ in parts:
        text = long if wide else short
        ax.annotate(
            f"■ {text}",
            (0, 1),
            xycoords="axes fraction",
            xytext=(at, 12),
            textcoords="offset points",
            color=colour,
            fontsize=12,
            fontweight="bold",
        )
        at += 8.0 * len(text) + 30
    _names(ax, result, order)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_xlim(0, float(left.max()) * 1.02 or 1.0)
    ax.grid(visible=False)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(8 if wide else 3))
    ax.xaxis.set_major_formatter(FuncFormatter(_thousands))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("rewards of all rounds, $")
    return svg(ax, f"rewards-{width}", "Rewards of every client's token and who received them")


def liquidity_lines(result: DemoResult, width: int) -> str:
    """Draw the liquidity providers' assets against holding what they deposited."""
    provided, held = np.array(result.liquidity.provided), np.array(result.liquidity.held)
    x = np.array([0, 0.5, *range(1, len(result.series) + 1)])
    wide = width == WIDE
    ax = axes(width, 340 if wide else 280, left=78, right=120 if wide else 92, top=12, bottom=46)
    ax.fill_between(
        x, provided, held, color=NOISY if provided[-1] < held[-1] else KEPT, alpha=0.14, linewidth=0
    )
    low, high = float(min(provided.min(), held.min())), float(max(provided.max(), held.max()))
    room = max(high - low, 0.02 * high)
    ax.set_ylim(low - 0.25 * room, high + 0.25 * room)
    gap = 0.11 * 1.5 * room * (1 if wide else 1.4)
    middle = (held[-1] + provided[-1]) / 2
    apart = max(abs(held[-1] - provided[-1]), 2 * gap)
    up = 1 if held[-1] >= provided[-1] else -1
    for series, colour, text, style, y in (
        (held, INK, "holding", (0, (3, 2)), middle + up * apart / 2),
        (provided, GOOD, "providing", "-", middle - up * apart / 2),
    ):
        ax.plot(x, series, color=colour, linestyle=style, linewidth=2.4)
        ax.annotate(
            f"{text}\n{series[-1]:,.0f}",
            (x[-1], y),
            xytext=(8, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontweight="bold",
            annotation_clip=False,
        )
    _rounds(ax, len(result.series))
    ax.yaxis.set_major_formatter(FuncFormatter(_thousands))
    ax.set_ylabel("worth of the whole pool, $")
    return svg(ax, f"liquidity-{width}", "Worth of providing liquidity against holding the same assets")


def metric_line(result: DemoResult, width: int) -> str:
    """Draw the global model's metric, before training and after every round."""
    values = [result.metric_first, *(round_.metric for round_ in result.series)]
    wide = width == WIDE
    ax = axes(width, 300 if wide else 260, left=64, right=64, top=14, bottom=46)
    few = len(values) <= MOST_MARKS
    ax.plot(range(len(values)), values, color=GOOD, marker="o" if few else "", markersize=6)
    for at, above in ((0, values[0] >= values[-1]), (len(values) - 1, values[-1] > values[0])):
        ax.annotate(
            f"{values[at]:.4f}",
            (at, values[at]),
            xytext=(8, 6 if above else -4),
            textcoords="offset points",
            fontweight="bold",
            annotation_clip=False,
        )
    _rounds(ax, len(result.series))
    ax.margins(y=0.15)
    ax.set_ylabel(f"{result.metric}, validation set")
    return svg(ax, f"metric-{width}", f"{result.metric} of the global model after every round")


# --- parts ---


def _names(ax: Axes, result: DemoResult, order: list[int]) -> None:
    """Label rows with the clients' names, signs and colours of their quality."""
    ax.set_yticks(range(len(order)), [_label(result.clients[k]) for k in order])
    for tick, k in zip(ax.get_yticklabels(), order, strict=True):
        tick.set_color(QUALITY.get(result.clients[k].quality, INK))


def _label(client: ClientResult) -> str:
    return f"{client.name} {SIGN.get(client.quality, '')}"


def _scale(ax: Axes, top: float, width: int) -> None:
    """Draw what the heat map's colours mean above it."""
    figure = ax.figure
    height = figure.get_size_inches()[1] * 72  # type: ignore[union-attr]
    steps = 5
    for step in range(steps):
        value = step / (steps - 1)
        figure.add_artist(
            Rectangle(
                ((118 + 26 * step) / width, (height - 20) / height),
                24 / width,
                12 / height,
                transform=figure.transFigure,
                facecolor=to_rgba(GOOD, value),
                edgecolor=RULE,
                linewidth=0.6,
            )
        )
    text = f"0 to {100 * top:.{0 if top >= 0.1 else 1}f} % of a pot"
    figure.text((118 + 26 * steps + 6) / width, (height - 19) / height, text, fontsize=11, color=MUTED)


def _rounds(ax: Axes, rounds: int) -> None:
    ax.set_xlim(-0.02 * rounds, rounds * 1.01)
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1))
    ax.set_xlabel("rounds paid (0: the market opens)")


def _thousands(value: float, _position: int | None = None) -> str:
    return f"{value:,.0f}"
