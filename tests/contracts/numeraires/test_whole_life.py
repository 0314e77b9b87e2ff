"""6, 8 and 18 decimals through a whole life: every way money can go, and where each unit ends."""

from typing import Any

import boa
import pytest
from onchain.world import DAY, EVIDENCE, FOREVER, Federation, compiled, packed

WINDOW = 3600


def live(federation: Federation, newcomer: Any) -> list[Any]:
    """All features once: a top-up, a ruling of each kind, a missed round, a late client, single-asset
    liquidity; returns the pools."""
    scenario, court, arbiter = federation.scenario, federation.challenges, federation.arbiter_account
    federation.open(3)
    investor = federation.equip(federation.investor, federation.budget // 10, 10**17)

    # Round 1: replaced.
    scenario.open_round(sender=federation.federator)
    federation.submit([8, 1, 1])
    federation.challenge(federation.clients[1])
    federation.pass_time(WINDOW)
    court.replace_scores(1, packed([4, 3, 3]), EVIDENCE, sender=arbiter)
    scenario.finalize_round(1, packed([4, 3, 3]))

    # A top-up and a late client with a pool of its own.
    federation.grant(investor, federation.budget // 7, scenario)
    scenario.top_up(federation.budget // 7, sender=investor)
    federation.join_late(newcomer, liquidity=federation.budget // 100)
    shared, own = (compiled("Pool").at(scenario.pool_at(k)) for k in (0, 1))

    # Round 2: upheld, with the pool at work in between.
    federation.numeraire.approve(shared, FOREVER, sender=investor)
    scenario.open_round(sender=federation.federator)
    federation.swap(investor, 0, 1, federation.budget // 1_000)
    federation.swap(investor, 2, 0, 10**15)
    federation.submit([1, 1, 1, 1])
    federation.challenge(federation.lp)
    shares = shared.add_single_asset(0, federation.budget // 500, 0, FOREVER, sender=investor)
    shared.remove_single_asset(3, shares // 2, 0, investor, FOREVER, sender=investor)
    federation.pass_time(WINDOW)
    court.uphold_scores(2, sender=arbiter)
    scenario.finalize_round(2, packed([1, 1, 1, 1]))

    # Round 3: no scores.  Round 4: silence.
    scenario.open_round(sender=federation.federator)
    federation.pass_time(federation.round_deadline)
    scenario.finalize_without_scores(3)
    scenario.open_round(sender=federation.federator)
    federation.submit([0, 2, 1, 3])
    federation.challenge(federation.clients[0])
    federation.pass_time(WINDOW + DAY)
    scenario.finalize_round(4, packed([0, 2, 1, 3]))
    return [shared, own]


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_every_unit_that_came_in_is_somewhere(decimals: int) -> None:
    """I1, I2 and I3 at the end of a life, by the numeraire's own balances."""
    budget = 10**6 * 10**decimals + 7
    federation = Federation(
        decimals=decimals,
        budget=budget,
        bond=budget // 10,
        late_joins=True,
        challenge_window=WINDOW,
        ruling_period=DAY,
    )
    newcomer, numeraire = boa.env.generate_address("late client"), federation.numeraire
    pools = live(federation, newcomer)
    scenario, court = federation.scenario, federation.challenges
    assert federation.clock()[1:] == (0, 4, 4)

    # Bonds: the loser's are the federator's, the others return, and nothing stays.
    for number, challenger in ((1, federation.clients[1]), (4, federation.clients[0])):
        court.withdraw_challenge_bond(number, challenger)
    court.withdraw_bond()
    assert numeraire.balanceOf(court) == court.bond() == court.staked() == court.forfeited() == 0

    # Claims: all of the pots but dust, which is fractions of a unit and the locked LP shares' part.
    holders = [federation.federator, federation.investor, federation.lp, *federation.clients]
    sources = [*federation.tokens, *pools]
    pots = sum(scenario.history(k, 4) for k in range(4)) * scenario.quantum()
    owed = sum(source.claimable(holder) for source in sources for holder in holders)
    paid = federation.orchestrator.claim_many([source.address for source in sources], holders)
    assert paid == owed == scenario.paid()
    dust = len(sources) * len(holders) * scenario.quantum() + pots // 10**6
    assert pots - dust <= paid <= pots
    assert numeraire.balanceOf(scenario) == scenario.escrow() + pots - paid
    # What no round divided.
    assert scenario.escrow() < scenario.quantum()

    # Exits: the pools had what their books said, and keep the locked shares' part.
    for pool in pools:
        assert numeraire.balanceOf(pool) == pool.balance_of_asset(0)
        for holder in holders:
            if shares := pool.balanceOf(holder):
                limits = [0] * pool.asset_count()
                pool.remove_liquidity(shares, limits, holder, FOREVER, sender=holder)
        assert pool.totalSupply() == pool.balanceOf(pool)
        assert numeraire.balanceOf(pool) == pool.balance_of_asset(0) <= budget // 10**6
    for token in federation.tokens:
        kept = [token.balanceOf(holder) for holder in (*holders, *pools)]
        assert sum(kept) == token.totalSupply()
    everywhere = [*holders, *pools, scenario, court]
    assert sum(numeraire.balanceOf(where) for where in everywhere) == numeraire.totalSupply()


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_decimals_only_scale_what_is_paid(decimals: int) -> None:
    unit = 10**decimals
    federation = Federation(decimals=decimals, budget=10**6 * unit).open(2)
    federation.round([1, 3])
    paid = federation.tokens[1].claim(sender=federation.clients[1])
    # Four fifths of three quarters of a quarter of a million.
    assert paid == pytest.approx(150_000 * unit, rel=1e-11)
    assert federation.pool.claimable(federation.lp) == pytest.approx(6_250 * unit, rel=1e-8)
