"""The seam: what an agent can see of a market and do in it, in whole tokens.

Names are those of the contracts; amounts are floats in whole tokens, prices are numeraire per whole
token.  Asset 0 is the numeraire and asset k + 1 is the token of the client with index k (join order).
Whoever acts is named: a name is an account of the world behind the seam.

Two worlds: `chain_market.ChainMarket` over real contracts, `model.market.ModelMarket` in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

NUMERAIRE: Final = 0

SHARED_POOL: Final = 0
"""The pool that opened with the federation; a late client's own pool has the next free number."""


class Refused(Exception):
    """The federation refused a call, for the contracts' reason; nothing was changed."""


class TradeRefused(Refused):
    """The market refused a trade (too large, too small, below the minimum); nothing was changed."""


class Trade(NamedTuple):
    """A swap as anybody can see it: whole tokens, and the last round that had opened."""

    trader: str
    asset_in: int
    asset_out: int
    amount_in: float
    amount_out: float
    opened: int


class Market(Protocol):
    """One federation's market, wherever it runs.

    A late client's token trades in a pool of its own, against the numeraire alone.  Whoever acts brings at
    most what it may spend: a larger amount is cut to that, so that the last bit of a float refuses nothing.
    """

    @property
    def clients(self) -> int:
        """Number of clients."""
        ...

    @property
    def rounds(self) -> int:
        """Rounds of the whole federation, T."""
        ...

    def now(self) -> int:
        """Time in seconds: of the latest block, or of the model."""
        ...

    def opened(self) -> int:
        """The last opened round; 0 before the first."""
        ...

    def finalized(self) -> int:
        """The last paid round; `opened` or one less."""
        ...

    def remaining(self) -> float:
        """Scheduled budget that no opened round has taken, rho."""
        ...

    def escrow(self) -> float:
        """Budget and top-ups that no opened round has taken: what all tokens together will still be paid."""
        ...

    def pending(self) -> float:
        """What the open round will pay to whoever holds when it is paid; 0 where holders of record are known.

        The contracts' record date is at a round's opening, so on them it is always 0.
        """
        ...

    def supply(self, client: int) -> float:
        """Whole tokens of a client that exist, S_k."""
        ...

    def reward_shares(self) -> NDArray[np.float64]:
        """Each client's share of every pot paid: shape (rounds, clients), rows sum to 1."""
        ...

    # --- trading ---

    def swap_fee(self) -> float:
        """The fee in force now in the shared pool, as a part of what enters."""
        ...

    def spot_price(self, asset: int) -> float:
        """Price before any fee; 1.0 for the numeraire, 0.0 once the last round has opened."""
        ...

    def spot_prices(self) -> NDArray[np.float64]:
        """`spot_price` of every client's token, shape (clients,); nan for a token that is in no pool."""
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

    def trades(self) -> Sequence[Trade]:
        """Every swap made through this object, in order; not to be changed."""
        ...

    def reserves(self) -> NDArray[np.float64]:
        """Whole tokens in the shared pool's books by asset, shape (clients + 1,), the numeraire first."""
        ...

    # --- liquidity ---

    def lp_supply(self, pool: int = SHARED_POOL) -> float:
        """All LP shares of a pool, the locked ones included."""
        ...

    def lp_shares(self, holder: str, pool: int = SHARED_POOL) -> float:
        """LP shares that `holder` has."""
        ...

    def lp_vested(self, holder: str, pool: int = SHARED_POOL) -> float:
        """LP shares that `holder` may burn now; those of a listing vest with the schedule."""
        ...

    def add_liquidity(self, provider: str, shares: float, pool: int = SHARED_POOL) -> NDArray[np.float64]:
        """Mint exactly `shares` for a proportional amount of every asset of the pool; returns the amounts.

        The one call that cuts nothing.  Raises TradeRefused.
        """
        ...

    def remove_liquidity(self, provider: str, shares: float, pool: int = SHARED_POOL) -> NDArray[np.float64]:
        """Burn shares for a proportional amount of every asset of the pool; returns the amounts.

        Possible at any time.  Raises TradeRefused where nothing would leave.
        """
        ...

    def add_single_asset(
        self, provider: str, asset: int, amount: float, min_shares: float, pool: int = SHARED_POOL
    ) -> float:
        """Join with one asset alone; returns the shares.  Raises TradeRefused."""
        ...

    def remove_single_asset(
        self, provider: str, asset: int, shares: float, min_amount: float, pool: int = SHARED_POOL
    ) -> float:
        """Leave with one asset alone; returns the amount.  Raises TradeRefused."""
        ...

    # --- balances and rewards ---

    def balance_of(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that `holder` has."""
        ...

    def spendable(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that `holder` may send now; a client has to keep part of its own token."""
        ...

    def transfer(self, sender: str, receiver: str, asset: int, amount: float) -> None:
        """Send an asset; rewards of rounds that have opened stay the sender's.  Raises TradeRefused."""
        ...

    def claimable(self, holder: str) -> float:
        """Numeraire that `holder` could claim now, from client tokens and from LP shares."""
        ...

    def claim(self, holder: str) -> float:
        """Claim everything and return the numeraire received."""
        ...


class Disputes(Protocol):
    """A round in steps, for federations whose scores can be challenged.  Every method raises Refused."""

    def submit_scores(self, scores: Sequence[int]) -> None:
        """Score the open round, as the federator: integers in join order; all zero: by supply."""
        ...

    def challenge(self, challenger: str, asset: int = 0) -> float:
        """Object to the submitted scores with a bond, which is returned; a client or a holder, once a round.

        `asset` is what a holder has: 0 for LP shares of the shared pool, k + 1 for the token of client k.
        """
        ...

    def uphold_scores(self) -> None:
        """Let the challenged scores stand, as the arbiter; the challengers' bonds are the federator's."""
        ...

    def replace_scores(self, scores: Sequence[int]) -> None:
        """Replace the challenged scores, as the arbiter; the federator's bond pays for it."""
        ...

    def finalize_round(self) -> None:
        """Pay the open round by the scores that stand."""
        ...

    def withdraw_challenge_bond(self, number: int, challenger: str) -> float:
        """Pay a challenger its bond of a round back, with its compensation; returns the amount."""
        ...


class DrivenMarket(Market, Protocol):
    """A market and the calls that move its federation: what whoever drives a simulation needs.

    Every method raises Refused where the contracts would refuse.
    """

    @property
    def disputes(self) -> Disputes:
        """The same rounds in steps, with challenges."""
        ...

    def advance_time(self, seconds: int) -> None:
        """Let time pass."""
        ...

    def open_round(self) -> int:
        """Open the next round, as the federator: record date and ex-date.  Returns its number, from 1."""
        ...

    def pot(self) -> float:
        """What the open round will pay, whole numeraire; 0 while none is open."""
        ...

    def pay_round(self, scores: Sequence[int]) -> None:
        """Submit scores of the open round, wait out a challenge window, and pay it.

        Integers in join order; all zero: by supply.
        """
        ...

    def pay_without_scores(self) -> None:
        """Pay a round whose deadline has passed without scores, with a slice of the federator's bond."""
        ...

    def top_up(self, payer: str, amount: float) -> None:
        """Add to the escrow: every pot not yet opened grows alike."""
        ...

    def join_late(self, client: str, liquidity: float) -> int:
        """Let a client in with the least top-up, with `liquidity` a pool of its own; returns its index."""
        ...

    def bond(self) -> float:
        """What is left of the federator's bond, whole numeraire."""
        ...

    def withdraw_bond(self) -> float:
        """Pay the federator what it won of challengers, and its bond once the last round is paid."""
        ...
