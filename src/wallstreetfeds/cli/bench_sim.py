"""The figures of `wsf bench sim` as lines for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console


def print_sim(figures: Mapping[str, Any]) -> None:
    """Print what was measured, and why what is missing is missing."""
    console = Console(highlight=False)
    learning, federation = figures["learning"], figures["federation"]
    console.print(
        f"Learning, {learning['clients']} clients, {learning['rounds']} rounds, MLP 64-32-10 on digits: "
        f"{learning['seconds']:.3f} s, accuracy {learning['accuracy']:.3f}."
    )
    console.print(f"A NumPy loop in the same process takes {learning['vs_numpy_loop']:.1f} times as long.")
    if figures["learning_vs_ray"] is None:
        console.print(f"Flower's Ray simulation: not compared. {learning['reason']}.")
    else:
        console.print(
            f"Flower's Ray simulation takes {figures['learning_vs_ray']:.0f} times as long, "
            f"{learning['vs_ray_warm']:.0f} times when it is warm; "
            f"accuracy differs by {figures['accuracy_difference']:.4f}."
        )
    console.print(
        f"Learning and assessment, {federation['clients']} clients, {federation['rounds']} rounds: "
        f"{figures['federation_50x50_learning_seconds']:.2f} s ({federation['method']})."
    )
