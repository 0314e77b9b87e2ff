"""Late joins as dilution: a newcomer brings as much as its tokens can claim."""

from typing import Any

import boa
import pytest
from onchain.thief import fair_price, pools, swap, wealth
from onchain.world import FOREVER, Federation, compiled, refused


@pytest.fixture(params=[0, 2])
def federation(request: Any) -> Federation:
    """After none or two of four rounds."""
    federation = Federation(late_joins=True, swap_fee=0, opening_period=0).open(3)
    for _ in range(request.param):
        federation.round()
    return federation


@pytest.fixture
def joiner() -> Any:
    return boa.env.generate_address("late joiner")


@pytest.mark.parametrize("supply", [10**9, 10**18 // 7 // 10**6 * 10**6, 10**19])
@pytest.mark.parametrize("open_round", [False, True])
def test_nobodys_claim_shrinks(federation: Federation, joiner: Any, supply: int, open_round: bool) -> None:
    """Whatever supply the federator allots, between rounds and in one: a token is worth what it was."""
    if open_round:
        federation.scenario.open_round(sender=federation.federator)
    federation.scenario.allow_clients([joiner], [supply], sender=federation.federator)
    price, pot = fair_price(federation), federation.scenario.pot()
    others = wealth(federation, federation.lp, *federation.clients)
    top_up = -(-(federation.scenario.escrow() - pot) * supply // federation.scenario.total_supply())
    if top_up <= 15 * federation.budget // 10:
        with refused("top-up above the maximum"):
            federation.join_late(joiner, top_up=top_up - 1)
        federation.join_late(joiner)
        assert fair_price(federation) >= price
        assert federation.scenario.pot() == pot
        assert wealth(federation, federation.lp, *federation.clients[:3]) >= others
    else:
        with refused("top-ups above their maximum"):
            federation.join_late(joiner)


def test_the_joiner_gains_nothing(federation: Federation, joiner: Any) -> None:
    """It joins, lists, sells itself into its own pool and leaves: its wealth at fair value has not grown."""
    start = 2 * federation.budget
    federation.numeraire.mint(joiner, start)
    federation.numeraire.approve(federation.scenario, FOREVER, sender=joiner)
    left = federation.scenario.escrow() * federation.supply
    top_up = -(-left // federation.scenario.total_supply())
    token = federation.scenario.join_late(top_up, federation.budget // 20, sender=joiner)
    federation.clients.append(joiner)
    federation.tokens.append(compiled("ClientToken").at(token))
    assert wealth(federation, joiner) <= start
    federation.round()
    assert wealth(federation, joiner) <= start
    own = pools(federation)[1]
    federation.tokens[-1].approve(own, FOREVER, sender=joiner)
    swap(federation, own, joiner, 1, 0, federation.supply // 100)
    federation.mature()
    own.remove_liquidity(own.balanceOf(joiner), [0, 0], joiner, FOREVER, sender=joiner)
    assert wealth(federation, joiner) <= start


def test_an_accomplice_gains_nothing_around_it(federation: Federation, joiner: Any) -> None:
    """Buy in the shared pool, let the newcomer in, sell: a late join moves no weight and no balance there."""
    attacker = federation.equip(federation.attacker)
    before = federation.numeraire.balanceOf(attacker)
    bought = federation.swap(attacker, 0, 1, 10**9)
    books, weights = federation.balances(), federation.weights()
    federation.join_late(joiner, liquidity=federation.budget // 20)
    assert (federation.balances(), federation.weights()) == (books, weights)
    federation.swap(attacker, 1, 0, bought)
    assert federation.numeraire.balanceOf(attacker) <= before


def test_a_newcomer_earns_nothing_of_the_round_it_joined_in(federation: Federation, joiner: Any) -> None:
    """Its token is of the next round: no seat in the open one, neither by scores nor by the fallback."""
    federation.scenario.open_round(sender=federation.federator)
    token = federation.join_late(joiner, liquidity=federation.budget // 20)
    number = federation.clock()[2]
    with refused("a score without a client"):
        federation.submit([1, 1, 1, 1])
    federation.pass_time(federation.round_deadline)
    federation.scenario.finalize_without_scores(number)
    assert token.claimable(joiner) == 0
    assert pools(federation)[1].claimable(joiner) == 0


def without_scores(federation: Federation) -> None:
    """Every round that is left, by strangers and without scores."""
    while federation.clock()[1] > 0:
        federation.pass_time(federation.round_gap)
        number = federation.scenario.open_round(sender=federation.attacker)
        federation.pass_time(federation.round_deadline)
        federation.scenario.finalize_without_scores(number, sender=federation.attacker)


def test_identities_split_by_joining_late_gain_nothing_by_the_fallback(federation: Federation) -> None:
    """Three newcomers of one owner: rounds without scores are split by supply, which they have paid for."""
    sybils = [boa.env.generate_address(f"sybil {k}") for k in range(3)]
    before = federation.scenario.escrow()
    tokens = [federation.join_late(sybil) for sybil in sybils]
    paid = federation.scenario.escrow() - before
    without_scores(federation)
    earned = sum(token.claimable(sybil) for token, sybil in zip(tokens, sybils, strict=True))
    assert paid - 100 <= earned <= paid


def test_a_federator_does_not_take_the_top_ups_by_silence() -> None:
    """Two puppets, one round with scores, four honest newcomers, then never a score again.  Split by what
    was given so far, the puppets got every top-up and the bond; split by supply the newcomers keep theirs."""
    federation = Federation(late_joins=True, bond=10**11, swap_fee=0, opening_period=0).open(2)
    federation.round([1, 1])
    newcomers = [boa.env.generate_address(f"newcomer {k}") for k in range(4)]
    before = federation.scenario.escrow()
    tokens = [federation.join_late(newcomer) for newcomer in newcomers]
    paid = federation.scenario.escrow() - before
    without_scores(federation)
    earned = sum(token.claimable(who) for token, who in zip(tokens, newcomers, strict=True))
    assert earned >= paid - 100
