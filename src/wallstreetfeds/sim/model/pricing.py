"""What a pool's prices come from: its books, the seam for a formula, and the contracts' formula.

A pool keeps the books and the LP shares; a `Pricing` turns books into prices and keeps what else its formula
needs.  `ConstantMean` is the contracts' curve, `sim.curves` has others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model import curve
from wallstreetfeds.sim.model.clock import Clock
from wallstreetfeds.sim.model.terms import Terms

Formula = Callable[[float, float, float, float, float, float, float, float], tuple[int, float]]
"""A swap's price, `curve.price_exact_in` or `curve.price_exact_out`."""


@dataclass(frozen=True, slots=True)
class Books:
    """What a pool has, by its own asset numbers: 0 is the numeraire, the clients' tokens follow.

    `reserves` are whole tokens; `weights` those in force, by value at the opening; `units` the smallest
    amounts; `supplies` the whole supplies of the tokens, without the numeraire.  The lists are the pool's
    own.  `opened_at` is in seconds.
    """

    terms: Terms
    clock: Clock
    reserves: list[float]
    weights: list[float]
    units: list[float]
    supplies: tuple[float, ...]
    opened_at: int

    def moved(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float) -> Self:
        """Return the books as they would be after a swap, with reserves of their own."""
        reserves = self.reserves.copy()
        reserves[asset_in] += amount_in
        reserves[asset_out] -= amount_out
        return replace(self, reserves=reserves)


class Pricing(Protocol):
    """A formula over a pool's books.  Amounts are whole tokens, `fee` is a part of what enters.

    The pool asks only while it trades, for two different assets that it has, and tells what has changed its
    books after they have changed.
    """

    @property
    def keeps_rewards(self) -> bool:
        """Whether what the pool's tokens earn enters its books; otherwise it goes to the LPs of record."""
        ...

    def spot_price(self, asset: int) -> float:
        """Return whole numeraire a whole token before any fee; 1 for the numeraire."""
        ...

    def out_given_in(self, asset_in: int, asset_out: int, amount_in: float, fee: float) -> float:
        """Return what `amount_in` buys.  Raises TradeRefused."""
        ...

    def in_given_out(self, asset_in: int, asset_out: int, amount_out: float, fee: float) -> float:
        """Return what `amount_out` costs, fee included.  Raises TradeRefused."""
        ...

    def part(self, asset: int) -> float:
        """Return the asset's part of all weights, by which one joins or leaves with it alone.

        Raises TradeRefused where the formula has none.
        """
        ...

    def round_opened(self) -> None:
        """The clock has stepped."""
        ...

    def swapped(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> None:
        """A swap has changed the books."""
        ...

    def scaled(self, factor: float) -> None:
        """A proportional join or exit has multiplied every reserve by `factor`."""
        ...

    def paid(self, rewards: Sequence[float]) -> None:
        """A round has paid `rewards`, whole numeraire a whole token, without the numeraire's."""
        ...


PricingOf = Callable[[Books], Pricing]
"""How a pool gets its pricing when it opens."""


class ConstantMean:
    """prod x_i^w_i, by the lines of `curve`; with the clock on, the numeraire's weight is base * B / rho."""

    keeps_rewards = False

    def __init__(self, books: Books) -> None:
        self._books = books
        self._reserves, self._weights, self._units = books.reserves, books.weights, books.units
        self._clock = books.clock
        self._clocked = books.terms.clock
        # What the numeraire's weight is at B / rho = 1, and the sum of the others.
        self._base = self._weights[NUMERAIRE] / (self._clock.factor if self._clocked else 1.0)
        self._others = sum(self._weights[1:])

    def spot_price(self, asset: int) -> float:
        """Return (x_0 / w_0) / (x_i / w_i)."""
        reserves, weights = self._reserves, self._weights
        return reserves[0] * weights[asset] / (weights[0] * reserves[asset])

    def out_given_in(self, asset_in: int, asset_out: int, amount_in: float, fee: float) -> float:
        """Return what `curve.price_exact_in` gives."""
        return self._priced(curve.price_exact_in, asset_in, asset_out, amount_in, fee)

    def in_given_out(self, asset_in: int, asset_out: int, amount_out: float, fee: float) -> float:
        """Return what `curve.price_exact_out` takes."""
        return self._priced(curve.price_exact_out, asset_in, asset_out, amount_out, fee)

    def part(self, asset: int) -> float:
        """Return w_i over the sum of all weights."""
        return self._weights[asset] / (self._weights[NUMERAIRE] + self._others)

    def round_opened(self) -> None:
        """Raise the numeraire's weight with the clock."""
        if self._clocked and self._clock.rho > 0:
            self._weights[NUMERAIRE] = self._base * self._clock.factor

    def swapped(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> None:
        """Nothing but the books to keep."""

    def scaled(self, factor: float) -> None:
        """Nothing but the books to keep."""

    def paid(self, rewards: Sequence[float]) -> None:
        """Nothing: the LPs are paid."""

    def _priced(self, formula: Formula, asset_in: int, asset_out: int, amount: float, fee: float) -> float:
        reserves, weights, units = self._reserves, self._weights, self._units
        code, priced = formula(
            reserves[asset_in],
            weights[asset_in],
            reserves[asset_out],
            weights[asset_out],
            fee,
            units[asset_in],
            units[asset_out],
            amount,
        )
        if code:
            raise TradeRefused(curve.REASONS[code])
        return priced
