"""Buy just before a payout, sell just after: the whole yield on a plain curve, nothing under a record date
and a clock (DESIGN section 4)."""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from onchain.thief import fair_price, fees, pools, swap, wealth
from onchain.world import FOREVER, Federation

STAKE = 2 * 10**9


def opened(**terms: Any) -> tuple[Federation, Any]:
    federation = Federation(**terms).open(3)
    return federation, federation.equip(federation.attacker)


def buy_and_sell_over_a_round(federation: Federation, attacker: Any) -> int:
    """Returns the tokens that were held at the record date."""
    bought = federation.swap(attacker, 0, 1, STAKE)
    federation.round()
    federation.swap(attacker, 1, 0, bought)
    return bought


@pytest.mark.parametrize("swap_fee", [0, 3 * 10**15])
@pytest.mark.parametrize("late", [0, 2])
def test_buy_open_round_sell(swap_fee: int, late: int) -> None:
    """The clock lowers the price by exactly what the record date gives: the first and the last but one
    round."""
    federation, attacker = opened(swap_fee=swap_fee)
    for _ in range(late):
        federation.round()
    before = wealth(federation, attacker)
    buy_and_sell_over_a_round(federation, attacker)
    assert wealth(federation, attacker) <= before


def test_on_the_plain_curve_it_earns_the_whole_yield() -> None:
    """Without the clock the tokens sell back for what they cost, less the fees; the reward is the profit."""
    federation, attacker = opened(clock=False)
    before = wealth(federation, attacker)
    value = fair_price(federation)
    bought = buy_and_sell_over_a_round(federation, attacker)
    profit = wealth(federation, attacker) - before
    reward = bought * value / federation.rounds
    assert profit == pytest.approx(float(reward - 2 * fees(STAKE, federation)), rel=0.01)
    assert profit > STAKE // 5


def test_buy_between_opening_and_payment() -> None:
    """Whoever buys after the record date gets nothing of the round, on any curve."""
    for clock in (True, False):
        federation, attacker = opened(clock=clock)
        before = wealth(federation, attacker)
        federation.scenario.open_round(sender=federation.federator)
        bought = federation.swap(attacker, 0, 1, STAKE)
        federation.settle()
        assert federation.tokens[0].claimable(attacker) == 0
        federation.swap(attacker, 1, 0, bought)
        assert wealth(federation, attacker) <= before


@pytest.mark.parametrize("swap_fee", [0, 3 * 10**15])
def test_join_the_pool_proportionally_over_a_round(swap_fee: int) -> None:
    """The pool's own reward goes to LPs of record, and what they leave with has fallen by as much."""
    federation, attacker = opened(swap_fee=swap_fee)
    federation.equip(attacker, tokens=federation.supply // 10)
    before = wealth(federation, attacker)
    shares = federation.pool.totalSupply() // 4
    federation.add(attacker, shares)
    federation.round()
    federation.remove(attacker, shares)
    assert wealth(federation, attacker) <= before


@pytest.mark.parametrize("asset", [0, 1])
@pytest.mark.parametrize("swap_fee", [0, 3 * 10**15])
def test_join_the_pool_with_one_asset_over_a_round(asset: int, swap_fee: int) -> None:
    federation, attacker = opened(swap_fee=swap_fee)
    federation.equip(attacker, tokens=federation.supply // 20)
    before = wealth(federation, attacker)
    amount = federation.balances()[asset] // 5
    shares = federation.pool.add_single_asset(asset, amount, 0, FOREVER, sender=attacker)
    federation.round()
    federation.pool.remove_single_asset(asset, shares, 0, attacker, FOREVER, sender=attacker)
    assert wealth(federation, attacker) <= before


def test_on_the_plain_curve_a_join_with_the_numeraire_earns_the_pools_yield() -> None:
    """Half of a share of the pool is tokens that pay a quarter of their value, and leave at the old price."""
    federation, attacker = opened(clock=False)
    before = wealth(federation, attacker)
    amount = federation.balances()[0] // 100
    shares = federation.pool.add_single_asset(0, amount, 0, FOREVER, sender=attacker)
    federation.round()
    federation.pool.remove_single_asset(0, shares, 0, attacker, FOREVER, sender=attacker)
    profit = wealth(federation, attacker) - before
    reward = amount / 2 / federation.rounds
    assert profit == pytest.approx(reward - float(fees(amount, federation)), rel=0.02)
    assert profit > amount // 10


def late_market(**terms: Any) -> tuple[Federation, Any, Any]:
    """A federation with a late joiner's own pool beside the shared one, and an attacker for both."""
    federation = Federation(late_joins=True, opening_period=0, **terms).open(3)
    joiner = boa.env.generate_address("late joiner")
    federation.join_late(joiner, liquidity=federation.budget // 20)
    attacker = federation.equip(federation.attacker)
    own = pools(federation)[1]
    federation.numeraire.approve(own, FOREVER, sender=attacker)
    federation.tokens[-1].approve(own, FOREVER, sender=attacker)
    return federation, own, attacker


@pytest.mark.parametrize("swap_fee", [0, 3 * 10**15])
def test_through_both_pools_at_once(swap_fee: int) -> None:
    """Two pools read one clock: neither lags behind the other at a record date."""
    federation, own, attacker = late_market(swap_fee=swap_fee)
    before = wealth(federation, attacker)
    first = federation.swap(attacker, 0, 1, STAKE)
    second = swap(federation, own, attacker, 0, 1, STAKE)
    federation.round()
    federation.swap(attacker, 1, 0, first)
    swap(federation, own, attacker, 1, 0, second)
    assert wealth(federation, attacker) <= before


def test_on_the_plain_curve_both_pools_pay() -> None:
    federation, own, attacker = late_market(clock=False)
    before = wealth(federation, attacker)
    value = fair_price(federation)
    first = federation.swap(attacker, 0, 1, STAKE)
    second = swap(federation, own, attacker, 0, 1, STAKE)
    federation.round()
    federation.swap(attacker, 1, 0, first)
    swap(federation, own, attacker, 1, 0, second)
    profit = wealth(federation, attacker) - before
    reward = (first + second) * value / federation.rounds
    assert profit == pytest.approx(float(reward - 4 * fees(STAKE, federation)), rel=0.01)


def buy_top_up_sell(federation: Federation, attacker: Any, payer: Any) -> int:
    bought = federation.swap(attacker, 0, 1, STAKE)
    federation.grant(payer, federation.budget // 5)
    federation.scenario.top_up(federation.budget // 5, sender=payer)
    federation.swap(attacker, 1, 0, bought)
    return bought


def test_buy_top_up_sell() -> None:
    """A top-up moves no weight and so no price: nothing is won by knowing of somebody else's."""
    federation, attacker = opened(swap_fee=0)
    before = federation.numeraire.balanceOf(attacker)
    weights = federation.weights()
    buy_top_up_sell(federation, attacker, federation.lp)
    assert federation.weights() == weights
    assert federation.numeraire.balanceOf(attacker) <= before


def test_whoever_tops_up_and_holds_gains_less_than_it_paid() -> None:
    """Bound (I5): a top-up is worth its share to the tokens held, so its own payer only loses."""
    federation, attacker = opened(swap_fee=0)
    federation.grant(attacker, federation.budget // 5)
    before = wealth(federation, attacker)
    federation.swap(attacker, 0, 1, STAKE)
    federation.scenario.top_up(federation.budget // 5, sender=attacker)
    federation.mature()
    assert wealth(federation, attacker) < before


def test_a_bystander_gains_at_most_the_top_ups_share_on_what_it_holds() -> None:
    """Bound (I5): the tokens held at the record dates times the top-up over all supplies."""
    federation, attacker = opened(swap_fee=0)
    before = wealth(federation, attacker)
    held = federation.swap(attacker, 0, 1, STAKE)
    added = federation.budget // 5
    federation.grant(federation.lp, added)
    federation.scenario.top_up(added, sender=federation.lp)
    federation.mature()
    assert 0 < wealth(federation, attacker) - before <= added * held / federation.scenario.total_supply()


@pytest.mark.parametrize("size", [10**6, 10**9, 2 * 10**10])
@pytest.mark.parametrize("order", ["buy", "join"])
def test_every_round_of_the_schedule(size: int, order: str) -> None:
    """The same capture at every record date, with a schedule that is steep at the end, from dust to a
    tenth."""
    federation, attacker = opened(
        schedule=[4 * 10**11, 3 * 10**11, 2 * 10**11, 10**11 - 5 * 10**9, 5 * 10**9], rounds=5, swap_fee=0
    )
    moves: dict[str, Callable[[], Callable[[], Any]]] = {
        "buy": lambda: _bought(federation, attacker, size),
        "join": lambda: _joined(federation, attacker, size),
    }
    for _ in range(4):
        before = wealth(federation, attacker)
        size = min(size, federation.balances()[0] // 5)
        undo = moves[order]()
        federation.round()
        undo()
        assert wealth(federation, attacker) <= before


def _bought(federation: Federation, attacker: Any, size: int) -> Callable[[], Any]:
    bought = swap(federation, federation.pool, attacker, 0, 1, size)
    return lambda: swap(federation, federation.pool, attacker, 1, 0, bought)


def _joined(federation: Federation, attacker: Any, size: int) -> Callable[[], Any]:
    shares = federation.pool.add_single_asset(0, size, 0, FOREVER, sender=attacker)
    return lambda: federation.pool.remove_single_asset(0, shares, 0, attacker, FOREVER, sender=attacker)


def test_an_idle_round_is_opened_by_the_thief_itself() -> None:
    """Anyone may open an overdue round: buy, open, claim and sell in one go gains nothing."""
    federation, attacker = opened(swap_fee=0)
    federation.pass_time(federation.round_gap)
    before = wealth(federation, attacker)
    bought = federation.swap(attacker, 0, 1, STAKE)
    federation.scenario.open_round(sender=attacker)
    federation.swap(attacker, 1, 0, bought)
    federation.pass_time(federation.round_deadline)
    federation.scenario.finalize_without_scores(1, sender=attacker)
    assert wealth(federation, attacker) <= before
