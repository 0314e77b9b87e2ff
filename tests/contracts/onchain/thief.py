"""What a thief is after: wealth in the numeraire's smallest units, and the moves every attack is made of.

Fair value of a token is the escrow that no round has opened over all supplies: what a unit of any client's
token is worth to somebody without private information (DESIGN section 4).
"""

from fractions import Fraction
from typing import Any

from boa import BoaError

from onchain.world import FOREVER, Federation, compiled, revert_reason


def fair_price(federation: Federation) -> Fraction:
    """Smallest units of the numeraire for one unit of a client token."""
    unopened = federation.scenario.escrow() - federation.scenario.pot()
    return Fraction(unopened, federation.scenario.total_supply())


def pools(federation: Federation) -> list[Any]:
    """The shared pool, and those of late joiners."""
    scenario = federation.scenario
    return [compiled("Pool").at(scenario.pool_at(k)) for k in range(scenario.pool_count())]


def wealth(federation: Federation, *actors: Any) -> Fraction:
    """Numeraire, claimable, tokens at fair value, and LP shares by what they would leave with."""
    price = fair_price(federation)
    total = Fraction(0)
    for actor in actors:
        total += federation.numeraire.balanceOf(actor)
        for token in federation.tokens:
            total += token.claimable(actor) + token.balanceOf(actor) * price
        for pool in pools(federation):
            total += pool.claimable(actor)
            if shares := pool.balanceOf(actor):
                books = [pool.balance_of_asset(k) for k in range(pool.asset_count())]
                total += (books[0] + sum(books[1:]) * price) * Fraction(shares, pool.totalSupply())
    return total


def swap(federation: Federation, pool: Any, actor: Any, asset_in: int, asset_out: int, amount: int) -> int:
    """Trade in any pool, in as few steps as its caps allow; dust that it refuses is kept."""
    out, left, step = 0, amount, amount
    while left > 0:
        step = min(left, step)
        try:
            out += pool.swap_exact_in(asset_in, asset_out, step, 0, actor, FOREVER, sender=actor)
            left -= step
        except BoaError as refusal:
            reason = revert_reason(refusal)
            if reason == "trade too small":
                break
            assert reason == "more than 30% of a balance"
            step //= 2
    return out


def fees(amount: Fraction | int, federation: Federation) -> Fraction:
    """What the swap fee takes of an amount that enters."""
    return Fraction(amount) * federation.swap_fee / 10**18
