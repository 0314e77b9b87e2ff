"""Price and fair value of each client's token: a small figure each, all on the same scale."""

from __future__ import annotations

from typing import Final

from matplotlib.ticker import MaxNLocator

from wallstreetfeds.demo.drawing import GOOD, INK, QUALITY, RULE, axes, svg
from wallstreetfeds.demo.result import DemoResult

MANY: Final = 12
"""With more clients than this their panels are smaller."""

MOST_DATES: Final = 40
"""Record dates marked by a line each; with more of them the axis tells."""


def price_panel(result: DemoResult, k: int) -> str:
    """Draw price and fair value of one client's token.

    Round r stands at x = r, its record date: prices fall there by the part of the budget that the round
    takes.  Payment and trades stand half-way to the next one.
    """
    client, rounds = result.clients[k], result.rounds
    highest = max(
        *(max(c.price_open, c.price_first, c.fair_last) for c in result.clients),
        *(value for round_ in result.series for value in (*round_.prices, *round_.fair)),
    )
    width, height = (270, 175) if len(result.clients) <= MANY else (200, 140)
    ax = axes(width, height, left=60, right=8, top=8, bottom=40)
    prices = [client.price_first, *(round_.prices[k] for round_ in result.series[: rounds - 1])]
    fair = [client.price_open, *(round_.fair[k] for round_ in result.series[: rounds - 1])]
    x, price = _stairs(client.price_open, prices, len(result.series), rounds)
    _, value = _stairs(client.price_open, fair, len(result.series), rounds)
    colour = QUALITY.get(client.quality, GOOD)
    if rounds <= MOST_DATES:
        for date in range(1, rounds + 1):
            ax.axvline(date, color=RULE, linewidth=0.8, zorder=0.5)
    ax.fill_between(x, price, value, color=colour, alpha=0.16, linewidth=0)
    ax.plot(x, value, color=INK, linewidth=1.3, dashes=(3, 2))
    ax.plot(x, price, color=colour, linewidth=2.2)
    ax.set_xlim(0, rounds + 0.02 * rounds)
    ax.set_ylim(0, highest * 1.06)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_locator(MaxNLocator(3))
    ax.set_xlabel("record date of round")
    ax.set_ylabel("$ a token")
    label = f"Price and fair value of the token of {client.name} ({client.quality}) over {rounds} rounds"
    return svg(ax, f"price-{k}", label)


def _stairs(opening: float, after: list[float], opened: int, rounds: int) -> tuple[list[float], list[float]]:
    """Return the path of a price over record dates, `after[r]` being its level from x = r + 0.5 on.

    At the record date x = r + 1 it falls with the part of the schedule still to come, if that round has
    opened: a run may end before.
    """
    x, y = [0.0, 0.5], [opening, opening]
    for r, level in enumerate(after):
        x += [r + 0.5, r + 1.0]
        y += [level, level]
        if r < opened:
            left = rounds - r
            fallen = level * (left - 1) / left
            x += [r + 1.0, min(r + 1.5, rounds)]
            y += [fallen, fallen]
    return x, y
