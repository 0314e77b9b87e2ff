"""The figures of `wsf bench contribution` as tables for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

TIMED: Final = (
    ("exact_n10", "MLP 64-32-10, digits"),
    ("exact_n16", "the same, more clients"),
    ("logistic_n20", "logistic regression, credit"),
    ("mnist_n10", "MLP 784-200-10, MNIST"),
    ("cnn_n10", "small CNN, MNIST, PyTorch"),
)
RATIOS: Final = (
    ("seconds", "seconds"),
    ("vs_typical", "usual loop"),
    ("vs_careful", "careful loop"),
    ("vs_careful_2threads", "on 2 threads"),
)


def print_contribution(figures: Mapping[str, Any]) -> None:
    """Print what was measured: times and ratios, evaluations of samplers, the comparison with shapiq."""
    console = Console()
    table = Table(title="All coalitions of a round, 500 validation rows", box=None)
    table.add_column("", no_wrap=True)
    for _, heading in RATIOS:
        table.add_column(heading, justify="right")
    for key, label in TIMED:
        row = figures[key]
        table.add_row(label, *[_number(row.get(name), times=name != "seconds") for name, _ in RATIOS])
    console.print(table)
    console.print("Ratios: how many times as long the loop takes on the same machine in the same run.")
    samplers = figures["samplers"]
    sizes = list(next(iter(samplers.values())))
    table = Table(title="Evaluations until Pearson 0.99 to a very long run", box=None)
    table.add_column("method", no_wrap=True)
    for size in sizes:
        clients, _, kind = size[1:].partition("_")
        table.add_column(f"{clients} {kind or 'alike'}", justify="right")
    for method, by_size in samplers.items():
        table.add_row(method, *[_evaluations(by_size[size]) for size in sizes])
    console.print(table)
    console.print("alike: equal shares of MNIST; unlike: lenders, a third of them bad, of unequal size.")
    oracle = figures["shapiq"]
    if oracle["vs_shapiq"] is None:
        console.print(f"shapiq: not compared, {oracle['reason']}.")
    else:
        console.print(
            f"shapiq on the same table: largest difference {oracle['max_abs_difference']:.1e}, "
            f"{oracle['vs_shapiq']:.0f} times as long."
        )


def _number(value: float | None, *, times: bool) -> str:
    if value is None:
        return ""
    return f"{value:.1f}x" if times else f"{value:.3f}"


def _evaluations(figures: Mapping[str, Any]) -> str:
    needed = figures["evaluations_to_099"]
    if needed is not None:
        return f"{needed:,}"
    return f"not run: {figures['least']:,}" if "least" in figures else f"> {figures['budget']:,}"
