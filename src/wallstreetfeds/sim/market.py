"""The seam: what an agent can see of a market and do in it, in whole tokens.

Names are those of the contracts; amounts are floats in whole tokens, prices are numeraire per whole
token.  Asset 0 is the numeraire and asset k + 1 is the token of the client with index k (join order).
Whoever acts is named: a name is an account of the world behind the seam.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

NUMERAIRE: Final = 0


class TradeRefused(Exception):
    """The market refused a trade (too large, too small, below the minimum); nothing was changed."""


class Market(Protocol):
    """One federation's market, wherever it runs."""

    @property
    def clients(self) -> int:
        """Number of clients, all of them listed."""
        ...

    @property
    def rounds(self) -> int:
        """Rounds of the whole federation, T."""
        ...

    def opened(self) -> int:
        """The last opened round; 0 before the first."""
        ...

    def remaining(self) -> float:
        """Scheduled budget that no opened round has taken, rho."""
        ...

    def supply(self, client: int) -> float:
        """Whole tokens of a client that exist, S_k."""
        ...

    def reward_shares(self) -> NDArray[np.float64]:
        """Each client's share of every pot paid: shape (rounds, clients), rows sum to 1."""
        ...

    def swap_fee(self) -> float:
        """The fee in force now, as a part of what enters."""
        ...

    def spot_price(self, asset: int) -> float:
        """Price before any fee; 1.0 for the numeraire, 0.0 once the last round has opened."""
        ...

    def quote_exact_in(self, asset_in: int, asset_out: int, amount_in: float) -> float:
        """What a swap would give now, fee taken off.  Raises TradeRefused where the swap would."""
        ...

    def swap_exact_in(
        self, trader: str, asset_in: int, asset_out: int, amount_in: float, min_amount_out: float
    ) -> float:
        """Swap and return what came out.  Raises TradeRefused."""
        ...

    def quote_exact_out(self, asset_in: int, asset_out: int, amount_out: float) -> float:
        """What a swap for exactly `amount_out` would take now, fee included.  Raises TradeRefused."""
        ...

    def swap_exact_out(
        self, trader: str, asset_in: int, asset_out: int, amount_out: float, max_amount_in: float
    ) -> float:
        """Swap for exactly `amount_out` and return what went in.  Raises TradeRefused."""
        ...

    def reserves(self) -> NDArray[np.float64]:
        """Whole tokens of every asset in the pool's books, shape (clients + 1,), the numeraire first."""
        ...

    def balance_of(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that `holder` has."""
        ...

    def spendable(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that `holder` may send now; a client has to keep part of its own token."""
        ...

    def claimable(self, holder: str) -> float:
        """Numeraire that `holder` could claim now, from client tokens and from LP shares."""
        ...

    def claim(self, holder: str) -> float:
        """Claim everything and return the numeraire received."""
        ...
