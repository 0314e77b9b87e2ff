"""The figures of `wsf bench sim` as lines for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from wallstreetfeds.bench.sim.targets import TARGETS, judged


def print_sim(figures: Mapping[str, Any]) -> None:
    """Print what was measured, why what is missing is missing, and which targets were met."""
    console = Console(highlight=False, markup=False)
    for line in (*_swaps(figures), *_learning(figures), *_federation(figures), *_targets(figures)):
        console.print(line)


def _swaps(figures: Mapping[str, Any]) -> list[str]:
    swaps = figures["swaps"]
    lines = [
        f"Swaps, {swaps['assets']} assets, one core: {figures['swaps_per_second']:,.0f} a second "
        f"in a compiled batch, {figures['single_calls_per_second']:,.0f} by single calls."
    ]
    rate = figures["titanoboa_swaps_per_second"]
    if rate is None:
        lines.append(f"The contracts on titanoboa: not compared. {swaps['reason']}.")
    else:
        lines.append(
            f"The contracts on titanoboa: {rate:,.0f} a second; "
            f"fills differ by {swaps['largest_difference']['titanoboa']:.0e} at most."
        )
    return lines


def _learning(figures: Mapping[str, Any]) -> list[str]:
    learning = figures["learning"]
    lines = [
        f"Learning, {learning['clients']} clients, {learning['rounds']} rounds, MLP 64-32-10 on digits: "
        f"{learning['seconds']:.3f} s, accuracy {learning['accuracy']:.3f}.",
        f"A NumPy loop in the same process takes {learning['vs_numpy_loop']:.1f} times as long.",
    ]
    if figures["learning_vs_ray"] is None:
        lines.append(f"Flower's Ray simulation: not compared. {learning['reason']}.")
    else:
        lines.append(
            f"Flower's Ray simulation takes {figures['learning_vs_ray']:.0f} times as long, "
            f"{learning['vs_ray_warm']:.0f} times when it is warm; "
            f"accuracy differs by {figures['accuracy_difference']:.4f}."
        )
    return lines


def _federation(figures: Mapping[str, Any]) -> list[str]:
    federation = figures["federation"]
    return [
        f"A whole federation, {federation['clients']} clients, {federation['rounds']} rounds, "
        f"{federation['trades_per_round']} noise trades a round: "
        f"{figures['federation_50x50_seconds']:.2f} s.",
        f"Of which training {federation['training_seconds']:.2f} s, assessment "
        f"{federation['assessment_seconds']:.2f} s ({federation['method']}), "
        f"market {federation['market_seconds']:.2f} s.",
    ]


def _targets(figures: Mapping[str, Any]) -> list[str]:
    if figures["conditions"]["quick"]:
        return ["A quick run: no target applies."]
    words = {True: "met", False: "missed", None: "not measured"}
    sides = {True: "at least", False: "at most"}
    return [
        f"Target {key}, {sides[TARGETS[key].at_least]} {TARGETS[key].bound:,g}: {words[met]}."
        for key, met in judged(figures).items()
    ]
