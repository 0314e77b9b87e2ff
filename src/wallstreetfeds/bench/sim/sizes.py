"""How much `wsf bench sim` measures, and what a measure is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

Figures = dict[str, Any]
"""Keys of the report, ready for JSON."""

Measure = Callable[["Sizes"], Figures]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What everything is measured on; medians of `repeats` are reported.

    - `clients`, `rounds`: the federation that Ray learns too; `threads` is what ours may use.
    - `assessed_rounds`, `trades`: rounds of the one that is assessed and traded, noise trades in each.
    - `assets`, `traders`: the market of the swaps, the numeraire counted as an asset.
    - `orders`, `single_orders`, `titanoboa_orders`: how many are filled in a compiled batch, one by one in
      the model, one by one on titanoboa.  The shorter lists are the beginning of the longest.
    """

    clients: int = 50
    rounds: int = 20
    assessed_rounds: int = 50
    trades: int = 500
    assets: int = 10
    traders: int = 4
    orders: int = 100_000
    single_orders: int = 5_000
    titanoboa_orders: int = 100
    repeats: int = 7
    threads: int = 2


QUICK: Final = Sizes(
    clients=4,
    rounds=2,
    assessed_rounds=2,
    trades=20,
    assets=3,
    traders=2,
    orders=50,
    single_orders=20,
    titanoboa_orders=6,
    repeats=1,
)
"""Everything on tiny sizes, once."""
