"""Scenario.join_late: a client may come later where that was agreed, and pays for what it will claim."""

from typing import Any

import boa
import pytest
from onchain.world import FOREVER, WAD, Federation, compiled, event, packed, refused


@pytest.fixture
def late(chain: None) -> Federation:
    """An open market of three clients that takes late ones."""
    return Federation(late_joins=True, retained=2 * 10**17).open(3)


def pool_of(federation: Federation, number: int) -> Any:
    return compiled("Pool").at(federation.scenario.pool_at(number))


def test_the_least_top_up_keeps_every_claim_whole(late: Federation) -> None:
    late.round([1, 1, 1])
    newcomer = late.attacker
    left = late.scenario.escrow()
    late.grant(newcomer, left)
    with refused("top-up above the maximum"):
        late.scenario.join_late(left // 3 - 1, 0, sender=newcomer)
    late.join_late(newcomer, left // 3)
    assert late.scenario.escrow() == left + left // 3
    # A quarter of the larger escrow is a third of the smaller one.
    assert late.scenario.escrow() // 4 == left // 3


def test_no_more_than_the_least_is_taken(late: Federation) -> None:
    newcomer, left = late.attacker, late.scenario.escrow()
    late.join_late(newcomer, 2 * left)
    assert late.scenario.escrow() == left + -(-left // 3)
    assert late.numeraire.balanceOf(newcomer) == 2 * left - -(-left // 3)


def test_a_smaller_allocation_costs_less(late: Federation) -> None:
    """An allocation that is cut in front of the join takes tokens away, not money."""
    newcomer, left = late.attacker, late.scenario.escrow()
    late.scenario.allow_clients([newcomer], [10**9], sender=late.federator)
    late.join_late(newcomer, left)
    assert late.scenario.escrow() == left + -(-left * 10**9 // (3 * 10**18))


def test_the_token_earns_from_the_next_round_on(late: Federation) -> None:
    number = late.scenario.open_round(sender=late.federator)
    token = late.join_late(late.attacker)
    with refused("a score without a client"):
        late.scenario.submit_scores(number, packed([1, 1, 1, 1]), b"\0" * 32, sender=late.federator)
    late.settle([1, 1, 1])
    assert late.rewards(1)[3] == token.claimable(late.attacker) == 0
    late.round([1, 1, 1, 5])
    assert late.rewards(2)[3] > 0
    assert token.claimable(late.attacker) == late.rewards(2)[3]


def test_rounds_without_scores_pay_late_clients_by_supply(late: Federation) -> None:
    """By what was given so far they would never be paid, and their top-ups would go to the others."""
    late.round([1, 1, 1])
    late.join_late(late.attacker)
    for _ in range(3):
        number = late.scenario.open_round(sender=late.federator)
        late.pass_time(late.round_deadline)
        late.scenario.finalize_without_scores(number)
        assert max(late.rewards(number)) - min(late.rewards(number)) <= 1


def test_a_round_without_scores_counts_who_was_there_when_it_opened(late: Federation) -> None:
    number = late.scenario.open_round(sender=late.federator)
    late.join_late(late.attacker)
    late.pass_time(late.round_deadline)
    late.scenario.finalize_without_scores(number)
    assert late.rewards(1)[3] == 0
    assert sum(late.rewards(1)) == late.budget // late.rounds


def test_its_own_pool_opens_at_the_prior_price(late: Federation) -> None:
    late.round([1, 1, 1])
    late.join_late(late.attacker, liquidity=10**10)
    assert event(late.scenario, "LateMarketOpened") == {
        "client": late.attacker,
        "pool": late.scenario.pool_at(1),
        "listed_amount": late.listed_amount,
        "numeraire_amount": 10**10,
    }
    pool = pool_of(late, 1)
    assert pool.asset_count() == 2
    assert pool.asset_at(1) == late.tokens[3].address
    prior = late.scenario.escrow() * 10**12 * WAD // late.scenario.total_supply()
    assert pool.spot_price(1) == pytest.approx(prior, rel=1e-9)
    assert [late.numeraire.balanceOf(pool), late.tokens[3].balanceOf(pool)] == [10**10, late.listed_amount]


def test_the_shared_pool_gains_no_asset_and_no_price_moves(late: Federation) -> None:
    before = (late.balances(), late.weights(), [late.pool.spot_price(k) for k in (1, 2, 3)])
    late.join_late(late.attacker, liquidity=10**10)
    assert (late.balances(), late.weights(), [late.pool.spot_price(k) for k in (1, 2, 3)]) == before
    assert late.pool.asset_count() == 4
    assert late.scenario.pool_count() == 2


def test_its_pool_follows_the_clock_and_pays_its_lps(late: Federation) -> None:
    late.round([1, 1, 1])
    late.join_late(late.attacker, liquidity=10**10)
    pool = pool_of(late, 1)
    price = pool.spot_price(1)
    late.round([1, 1, 1, 1])
    # rho fell from 3/4 to 2/4 of the budget.
    assert pool.spot_price(1) == pytest.approx(price * 2 / 3, rel=1e-9)
    assert pool.harvested_units() == late.rewards(2)[3] // 5
    assert pool.claimable(late.attacker) == pytest.approx(late.rewards(2)[3] // 5, rel=1e-6)
    late.mature()
    shares = pool.balanceOf(late.attacker)
    pool.remove_liquidity(shares, [0, 0], late.attacker, FOREVER, sender=late.attacker)


def test_what_it_keeps_is_released_from_the_full_part_on(late: Federation) -> None:
    late.round([1, 1, 1])
    late.round([1, 1, 1])
    token = late.join_late(late.attacker, liquidity=10**10)
    pool = pool_of(late, 1)
    # Two of four rounds are left: all of the retained fifth, and no LP share has vested.
    assert token.retained(late.attacker) == late.supply // 5
    assert pool.unvested(late.attacker) > pool.balanceOf(late.attacker) // 3
    unvested = pool.unvested(late.attacker)
    late.round([1, 1, 1, 1])
    assert token.retained(late.attacker) == late.supply // 10
    assert pool.unvested(late.attacker) == pytest.approx(unvested / 2, abs=1)
    late.round([1, 1, 1, 1])
    assert token.retained(late.attacker) == pool.unvested(late.attacker) == 0


def test_where_it_was_not_agreed_it_is_refused(opened: Federation) -> None:
    opened.grant(opened.attacker, opened.budget)
    with refused("no late joins here"):
        opened.scenario.join_late(opened.budget, 0, sender=opened.attacker)
    with refused("the market is open"):
        opened.scenario.allow_clients([opened.attacker], [], sender=opened.federator)


def test_neither_before_the_opening_nor_after_the_last_round(chain: None) -> None:
    federation = Federation(late_joins=True, rounds=1).fund().join(2).deposit()
    federation.grant(federation.attacker, 2 * federation.budget)
    with refused("the market is not open"):
        federation.scenario.join_late(federation.budget, 0, sender=federation.attacker)
    federation.start()
    federation.scenario.open_round(sender=federation.federator)
    with refused("the market is not open"):
        federation.scenario.join_late(federation.budget, 0, sender=federation.attacker)


def test_the_allow_list_stays_open_for_late_clients(chain: None) -> None:
    federation = Federation(late_joins=True, open_registration=False).fund()
    first = boa.env.generate_address()
    federation.scenario.allow_clients([first], [], sender=federation.federator)
    federation.tokens.append(compiled("ClientToken").at(federation.scenario.join(True, sender=first)))
    federation.clients.append(first)
    federation.deposit().start()
    federation.grant(federation.attacker, federation.budget)
    with refused("not on the allow-list"):
        federation.scenario.join_late(federation.budget, 0, sender=federation.attacker)
    federation.scenario.allow_clients([federation.attacker], [10**9], sender=federation.federator)
    token = federation.join_late(federation.attacker)
    assert token.totalSupply() == 10**9


def test_who_has_joined_does_not_join_again(late: Federation) -> None:
    late.grant(late.clients[0], late.budget)
    with refused("already joined"):
        late.scenario.join_late(late.budget, 0, sender=late.clients[0])


def test_a_full_federation_takes_nobody() -> None:
    federation = Federation(late_joins=True, max_clients=3).open(3)
    federation.grant(federation.attacker, federation.budget)
    with refused("the federation is full"):
        federation.scenario.join_late(federation.budget, 0, sender=federation.attacker)


def test_too_little_liquidity_opens_no_pool(late: Federation) -> None:
    late.grant(late.attacker, 2 * late.budget)
    with refused("numeraire outside its domain"):
        late.scenario.join_late(late.budget, 10**6 - 1, sender=late.attacker)


def test_many_late_clients_are_paid_beside_the_first() -> None:
    federation = Federation(late_joins=True, rounds=3).open(5)
    federation.round([1] * 5)
    for k in range(4):
        federation.join_late(boa.env.generate_address(), liquidity=10**9 * (k + 1))
    scores = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    federation.scenario.open_round(sender=federation.federator)
    pot = federation.scenario.pot()
    federation.settle(scores)
    upto = [pot * sum(scores[: k + 1]) // sum(scores) for k in range(9)]
    assert federation.rewards(2) == [b - a for a, b in zip([0, *upto], upto, strict=False)]
    federation.mature()
    for number in range(federation.scenario.pool_count()):
        assert pool_of(federation, number).harvested_units() > 0


def test_sixty_four_clients_are_the_most_and_all_their_pools_are_paid() -> None:
    federation = Federation(late_joins=True, rounds=8, budget=8 * 10**9).open(2)
    for k in range(62):
        federation.join_late(boa.env.generate_address(), liquidity=10**7)
        assert federation.scenario.client_count() == k + 3
    federation.grant(federation.attacker, 10**13)
    with refused("the federation is full"):
        federation.scenario.join_late(10**12, 0, sender=federation.attacker)
    federation.round([1] * 64)
    assert federation.scenario.pool_count() == 63
    for number in range(63):
        assert pool_of(federation, number).harvested_units() > 0


def test_a_late_client_without_liquidity_has_no_pool(late: Federation) -> None:
    token = late.join_late(late.attacker)
    assert late.scenario.pool_count() == 1
    assert token.balanceOf(late.attacker) == token.totalSupply()
    assert not late.scenario.is_listed(3)


def test_a_larger_supply_brings_a_larger_top_up(late: Federation) -> None:
    late.scenario.allow_clients([late.attacker], [3 * late.supply], sender=late.federator)
    late.grant(late.attacker, 2 * late.budget)
    with refused("top-up above the maximum"):
        late.scenario.join_late(late.budget - 1, 0, sender=late.attacker)
    late.scenario.join_late(late.budget, 0, sender=late.attacker)
    assert late.scenario.supply_of(3) == 3 * late.supply


def test_the_least_top_up_is_rounded_up() -> None:
    federation = Federation(late_joins=True, budget=10**9 + 1).open(3)
    federation.grant(federation.attacker, 10**9)
    least = -(-(10**9 + 1) // 3)
    with refused("top-up above the maximum"):
        federation.scenario.join_late(least - 1, 0, sender=federation.attacker)
    federation.scenario.join_late(least, 0, sender=federation.attacker)


def test_liquidity_too_large_for_the_rounds_that_are_left_is_refused() -> None:
    """The exponents of its own pool, too, stay within the domain to the last round."""
    federation = Federation(late_joins=True, rounds=2).open(2)
    federation.round()
    value = federation.budget // 2 // 2 // 5
    federation.grant(federation.attacker, 2**15 * 3 * value)
    with refused("numeraire outweighs the tokens"):
        federation.scenario.join_late(federation.budget, 2**15 * value * 2, sender=federation.attacker)


def test_a_late_client_may_challenge_and_shares_of_its_pool_may_not() -> None:
    federation = Federation(late_joins=True, challenge_window=3600, ruling_period=1).open(2)
    newcomer, buyer = federation.attacker, boa.env.generate_address()
    federation.join_late(newcomer, liquidity=10**10)
    federation.grant(buyer, 10**12, federation.challenges)
    federation.scenario.open_round(sender=federation.federator)
    pool = pool_of(federation, 1)
    free = pool.balanceOf(newcomer) - pool.unvested(newcomer)
    pool.transfer(buyer, free, sender=newcomer)
    federation.submit([1, 1, 1])
    with refused("neither a client nor a holder"):
        federation.challenge(buyer, 0)
    federation.challenge(newcomer)
    federation.tokens[2].transfer(buyer, 1, sender=newcomer)
    federation.challenge(buyer, 3)
