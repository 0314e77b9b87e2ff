"""The end of a run on a terminal: a table of clients, the price of each token over the rounds, the money."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from wallstreetfeds.demo.result import DemoResult
from wallstreetfeds.units import show

BARS: Final = "▁▂▃▄▅▆▇█"
STYLES: Final = {"good": "green", "noisy-labels": "red", "free-rider": "yellow"}


def sparkline(values: Sequence[float], top: float) -> str:
    """Return one character a value, its height in proportion to `top`."""
    return "".join(BARS[min(len(BARS) - 1, max(0, int(value / top * len(BARS))))] for value in values)


def print_summary(result: DemoResult, out: Path | None) -> None:
    """Print the run for a person."""
    console = Console()
    decimals = result.numeraire_decimals
    table = Table(
        title=f"{len(result.clients)} lenders, {result.rounds} rounds, seed {result.seed}",
        caption="Rewards and money raised in demo dollars, prices in demo dollars a token; last price and "
        "fair value just before the last round opens.\nPath: price over the budget still to come, from the "
        "opening on; flat where the market does not change its mind.",
        caption_justify="left",
    )
    columns = ("lender", "quality", "score share", "reward", "raised", "price: open", "last", "fair", "path")
    for column in columns:
        left = column in {"lender", "quality", "path"}
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    levels = [_levels(result, k) for k in range(len(result.clients))]
    top = max((max(level) for level in levels if level), default=1.0)
    for k, client in enumerate(result.clients):
        table.add_row(
            client.name,
            f"[{STYLES[client.quality]}]{client.quality}[/]",
            f"{client.score_share:.3f}",
            show(client.reward, decimals),
            show(client.raised, decimals),
            f"{client.price_open:.4f}",
            f"{client.price_last:.4f}",
            f"{client.fair_last:.4f}",
            sparkline(levels[k], top),
        )
    console.print(table)
    console.print(
        f"Model: {result.metric} {result.metric_first:.4f} before, [bold]{result.metric_last:.4f}[/] after; "
        f"learning {result.learning_seconds:.1f} s, assessment {result.assessment_seconds:.2f} s."
    )
    console.print(
        f"Chain: {result.transactions} transactions, {result.gas:,} gas, {result.chain_seconds:.1f} s."
    )
    money = result.conservation
    parts = {
        "escrow": money.escrow,
        "claimed": money.claimed,
        "claimable": money.claimable,
        "bonds": money.bonds,
        "dust": money.dust,
    }
    total = " + ".join(f"{name} {show(amount, decimals, decimals)}" for name, amount in parts.items())
    verdict = "[green]balanced[/]" if money.balanced else "[red]NOT BALANCED[/]"
    console.print(f"Money: deposited {show(money.deposited, decimals, decimals)} = {total}: {verdict}.")
    if out is not None:
        console.print(f"Written: {out / 'results.json'}")


def _levels(result: DemoResult, client: int) -> list[float]:
    """Price over the fraction of the rounds still to come, from the opening to the last trades."""
    levels = [result.clients[client].price_open]
    for round_ in result.series[:-1]:
        left = (result.rounds - round_.round) / result.rounds
        levels.append(round_.prices[client] / left)
    return levels
