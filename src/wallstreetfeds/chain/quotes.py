"""What a trade costs and what it may cost at worst: fee, price impact and tolerance, each by itself.

    value that enters = fee + price impact + value that leaves,      values at the prices before the trade

The fee goes to the liquidity providers whatever the size; the impact is the trade's own; the tolerance is
how much more the market may ask, by what others do first, before the contract refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.bound import Receipt
from wallstreetfeds.chain.contracts import Pool
from wallstreetfeds.chain.contracts.erc20 import Erc20
from wallstreetfeds.chain.errors import FundsError
from wallstreetfeds.units import WAD, div_down, div_up

DEFAULT_TOLERANCE: Final = WAD // 200
"""0.5 %."""

MOST_TOLERANCE: Final = WAD // 2
"""50 %: what is more is no protection."""

DEADLINE_SECONDS: Final = 1200
"""A trade that is not in a block after so long is refused."""

Exact = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Cost:
    """A part of a trade's cost: `amount` numeraire units, rounded up; `part` of what it is measured by."""

    amount: int
    part: Fraction


@dataclass(frozen=True, slots=True)
class Quote:
    """A trade as the market would make it in the block named.

    Amounts in the smallest units of the asset that enters or leaves; `fee` is a part of `amount_in`.
    `exact` says which of the two amounts was asked for.  `price_in` and `price_out` are numeraire units a
    smallest unit of the asset, before the trade.  `tolerance` is WAD of the amount that was not asked for.
    """

    block: int
    asset_in: int
    asset_out: int
    exact: Exact
    amount_in: int
    amount_out: int
    fee: int
    tolerance: int
    price_in: Fraction
    price_out: Fraction

    @property
    def min_amount_out(self) -> int:
        """The least that leaves; rounded up, for the trader."""
        if self.exact == "out":
            return self.amount_out
        return div_up(self.amount_out * (WAD - self.tolerance), WAD)

    @property
    def max_amount_in(self) -> int:
        """The most that enters; rounded down, for the trader."""
        if self.exact == "in":
            return self.amount_in
        return div_down(self.amount_in * (WAD + self.tolerance), WAD)

    @property
    def fee_cost(self) -> Cost:
        """The fee, as a part of what enters."""
        return Cost(_up(self.fee * self.price_in), Fraction(self.fee, self.amount_in))

    @property
    def impact_cost(self) -> Cost:
        """What the trade's own size costs, rounding included, as a part of what enters."""
        value = (self.amount_in - self.fee) * self.price_in - self.amount_out * self.price_out
        return Cost(_up(value), value / (self.amount_in * self.price_in))

    @property
    def tolerance_cost(self) -> Cost:
        """What may come on top, as a part of the amount that was not asked for."""
        value = (self.max_amount_in - self.amount_in) * self.price_in
        value += (self.amount_out - self.min_amount_out) * self.price_out
        return Cost(_up(value), Fraction(self.tolerance, WAD))


def quote_exact_in(
    pool: Pool, asset_in: int, asset_out: int, amount_in: int, *, tolerance: int = DEFAULT_TOLERANCE
) -> Quote:
    """Return what selling exactly `amount_in` would give.  Raises ContractError where a swap would."""
    return _quote(pool, asset_in, asset_out, amount_in, "in", tolerance)


def quote_exact_out(
    pool: Pool, asset_in: int, asset_out: int, amount_out: int, *, tolerance: int = DEFAULT_TOLERANCE
) -> Quote:
    """Return what buying exactly `amount_out` would take.  Raises ContractError where a swap would."""
    return _quote(pool, asset_in, asset_out, amount_out, "out", tolerance)


def trade(
    pool: Pool,
    quote: Quote,
    *,
    sender: LocalAccount,
    receiver: str | None = None,
    deadline_seconds: int = DEADLINE_SECONDS,
) -> Receipt[int]:
    """Trade as quoted or better; the pool is approved for what may enter, and no more, where it is not.

    Value: what left (exact in) or what entered (exact out), smallest units.  Raises FundsError if the sender
    has too little, ContractError if the market has moved by more than the tolerance.
    """
    paid = Erc20(pool.session, pool.asset_at(quote.asset_in))
    held = paid.balanceOf(sender.address)
    if held < quote.amount_in:
        raise FundsError(
            f"{sender.address} has {held} of the {quote.amount_in} smallest units that it would pay"
        )
    if paid.allowance(sender.address, pool.address) < quote.max_amount_in:
        paid.approve(pool.address, quote.max_amount_in, sender=sender)
    to = sender.address if receiver is None else receiver
    deadline = pool.session.now() + deadline_seconds
    if quote.exact == "in":
        return pool.swap_exact_in(
            quote.asset_in,
            quote.asset_out,
            quote.amount_in,
            quote.min_amount_out,
            to,
            deadline,
            sender=sender,
        )
    return pool.swap_exact_out(
        quote.asset_in, quote.asset_out, quote.amount_out, quote.max_amount_in, to, deadline, sender=sender
    )


def _quote(pool: Pool, asset_in: int, asset_out: int, amount: int, exact: Exact, tolerance: int) -> Quote:
    if not 0 <= tolerance <= MOST_TOLERANCE:
        raise ValueError(f"the tolerance has to be between 0 and {MOST_TOLERANCE} WAD, got {tolerance}")
    block = pool.session.block_number()
    books = [(view, [asset]) for asset in (0, asset_in, asset_out) for view in _BOOKS]
    asked = (f"quote_exact_{exact}", [asset_in, asset_out, amount])
    other, rate, x_0, w_0, x_in, w_in, x_out, w_out = pool.at_block(block).read_many(
        [asked, ("swap_fee", []), *books]
    )
    amount_in, amount_out = (amount, other) if exact == "in" else (other, amount)
    numeraire = Fraction(x_0, w_0)
    return Quote(
        block=block,
        asset_in=asset_in,
        asset_out=asset_out,
        exact=exact,
        amount_in=amount_in,
        amount_out=amount_out,
        # Also for exact out: `amount_in` is the smallest that leaves enough after the fee.
        fee=div_up(amount_in * rate, WAD),
        tolerance=tolerance,
        price_in=numeraire / Fraction(x_in, w_in),
        price_out=numeraire / Fraction(x_out, w_out),
    )


_BOOKS: Final = ("balance_of_asset", "weight_of_asset")


def _up(value: Fraction) -> int:
    """Rounded away from the trader's favour."""
    return div_up(value.numerator, value.denominator)
