"""The end of a run on a terminal: a table of clients, the price of each token over the rounds, the money."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from wallstreetfeds.cli.sparkline import sparkline, thinned
from wallstreetfeds.demo.result import DemoResult
from wallstreetfeds.demo.sentences import told
from wallstreetfeds.units import show

PATH: Final = 8
STYLES: Final = {"good": "green", "noisy-labels": "red", "free-rider": "yellow"}


def print_summary(result: DemoResult, out: Path | None, *, kept: bool = False) -> None:
    """Print the run for a person."""
    console = Console()
    decimals = result.numeraire_decimals
    table = Table(
        title=f"{len(result.clients)} lenders, {result.rounds} rounds, seed {result.seed}",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
    )
    for column in ("lender", "quality", "share", "reward", "raised", "last", "fair", "path"):
        left = column in {"lender", "quality", "path"}
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    paths = [_path(result, k) for k in range(len(result.clients))]
    top = max(max(path) for path in paths)
    for k, client in enumerate(result.clients):
        table.add_row(
            client.name,
            f"[{STYLES[client.quality]}]{client.quality}[/]",
            f"{client.score_share:.3f}",
            show(client.reward, decimals),
            show(client.raised, decimals),
            f"{client.price_last:.4f}",
            f"{client.fair_last:.4f}",
            sparkline(paths[k], top),
        )
    console.print(table)
    console.print(
        f"share of all rewards; reward and money raised in demo dollars; last price and fair value in demo "
        f"dollars a token, just before the last round opens (every token "
        f"opened at {result.clients[0].price_open:.4f}); path: price over the budget still to come, "
        "from the opening on.\n",
        style="dim",
    )
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
    for dispute in result.disputes:
        console.print(told(dispute, decimals), highlight=False)
    if result.estimated:
        each = result.facts.evaluations // len(result.series)
        console.print(
            f"Contributions: sampled estimates, {each:,} coalitions a round; the standard error of a "
            f"client's share of a round is at most {100 * result.largest_share_error:.2g} %."
        )
    if out is not None:
        console.print(
            f"Written: {out / 'report.html'}, and results.json, rounds.parquet, events.parquet there."
        )
    elif not kept:
        console.print(
            "Nothing is written; --out DIR writes a report with figures, and all events.", style="dim"
        )


def _path(result: DemoResult, client: int) -> list[float]:
    """Return price over the part of the rounds still to come, from the opening to the last trades.

    At most PATH values: long runs are thinned evenly.
    """
    path = [result.clients[client].price_open]
    for round_ in result.series[: result.rounds - 1]:
        left = (result.rounds - round_.round) / result.rounds
        path.append(round_.prices[client] / left)
    return thinned(path, PATH)
