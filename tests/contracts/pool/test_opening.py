"""What a pool opens with: its constructor books the deposits and mints LP shares by value."""

from typing import Any

import boa
import pytest
from onchain.world import LOCKED_SHARES, OPENING_SHARES, WAD, Federation, compiled, refused


def test_books_weights_and_shares_follow_the_deposits(joined: Federation) -> None:
    joined.start()
    deposited = joined.budget * joined.listed // WAD
    assert joined.balances() == [deposited, *[joined.listed_amount] * 3]
    # Numeraire as much as the tokens are worth: half of all weight.
    weights = joined.weights()
    assert sum(weights) == 10**16
    assert weights[0] == pytest.approx(5 * 10**15, rel=1e-9)
    assert len(set(weights[1:])) == 1
    shares = [joined.pool.balanceOf(who) for who in (joined.federator, joined.lp, *joined.clients)]
    half = (OPENING_SHARES - LOCKED_SHARES) // 2
    assert shares == pytest.approx([half * 3 // 4, half // 4, *[half // 3] * 3], rel=1e-8)
    assert joined.pool.balanceOf(joined.pool) == OPENING_SHARES - sum(shares) >= LOCKED_SHARES
    assert joined.pool.totalSupply() == OPENING_SHARES


def test_the_pool_holds_exactly_what_it_books(opened: Federation) -> None:
    held = [asset.balanceOf(opened.pool) for asset in (opened.numeraire, *opened.tokens)]
    assert held == opened.balances()


def test_each_listing_is_announced(joined: Federation) -> None:
    joined.start()
    logs = [log for log in joined.scenario.get_logs(strict=False) if str(log.address) == joined.pool.address]
    listed = [log for log in logs if type(log).__name__ == "AssetListed"]
    assert [(log.asset, log.client, log.amount) for log in listed] == [
        (k + 1, k, joined.listed_amount) for k in range(3)
    ]
    assert [log.weight for log in listed] == joined.weights()[1:]


def test_a_stranger_cannot_make_a_pool_of_a_federation(opened: Federation) -> None:
    # Whoever deploys a pool is what the pool takes for its Scenario; an account without code is none.
    blueprint = (opened.numeraire, b"\0" * 32, "0x" + "00" * 20, 0, 0, 0, True)
    opening: tuple[Any, ...] = ([], [], 1, WAD, 1, 1, 1)
    with boa.env.prank(opened.attacker), refused(""):
        compiled("Pool").deploy(*blueprint, opening)
