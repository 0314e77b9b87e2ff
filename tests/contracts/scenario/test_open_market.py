"""Scenario.open_market: one pool, at the prior price, with shares by value."""

import boa
import pytest
from onchain.world import (
    LOCKED_SHARES,
    OPENING_SHARES,
    TOKEN,
    WAD,
    Federation,
    compiled,
    event,
    refused,
)


def prior_price(federation: Federation) -> int:
    """B / sum S_k for a whole token, in numeraire units times 10^18."""
    return int(federation.budget * TOKEN * WAD // (len(federation.clients) * federation.supply))


def test_the_pool_holds_what_was_deposited(joined: Federation) -> None:
    deposited = joined.scenario.total_numeraire_deposit()
    joined.start()
    assert event(joined.scenario, "MarketOpened") == {
        "pool": joined.pool.address,
        "clients": 3,
        "listed": 3,
        "numeraire_amount": deposited,
    }
    assert joined.scenario.pool() == joined.pool.address
    assert joined.balances() == [deposited] + [joined.listed_amount] * 3
    assert joined.numeraire.balanceOf(joined.pool) == deposited
    assert [token.balanceOf(joined.pool) for token in joined.tokens] == [joined.listed_amount] * 3
    assert joined.clock() == (joined.budget, joined.budget, 0, 0)
    assert joined.scenario.escrow() == joined.budget


def test_every_token_opens_at_the_prior_price(joined: Federation) -> None:
    joined.start()
    for asset in (1, 2, 3):
        assert joined.pool.spot_price(asset) == pytest.approx(prior_price(joined), rel=1e-10)


@pytest.mark.parametrize("clock", [True, False])
@pytest.mark.parametrize("deposit", [3 * 10**9, 2 * 10**11, 7 * 10**12])
def test_the_opening_price_does_not_depend_on_the_deposit(deposit: int, clock: bool) -> None:
    federation = Federation(clock=clock).fund().join(5, listed=lambda k: k != 2).deposit(deposit).start()
    for asset in range(1, 5):
        assert federation.pool.spot_price(asset) == pytest.approx(prior_price(federation), rel=1e-12)


def test_shares_go_by_value_and_a_minimum_is_locked(joined: Federation) -> None:
    values = {
        joined.federator: joined.scenario.numeraire_deposit(joined.federator),
        joined.lp: joined.scenario.numeraire_deposit(joined.lp),
    } | dict.fromkeys(joined.clients, joined.listed_amount * joined.budget // (3 * joined.supply))
    joined.start()
    total = sum(values.values())
    shares = {actor: joined.pool.balanceOf(actor) for actor in values}
    for actor, value in values.items():
        assert shares[actor] == value * (OPENING_SHARES - LOCKED_SHARES) // total
    locked = joined.pool.balanceOf(joined.pool)
    assert LOCKED_SHARES <= locked < LOCKED_SHARES + len(values)
    assert sum(shares.values()) + locked == joined.pool.totalSupply() == OPENING_SHARES


def test_half_of_the_weight_is_the_numeraires_where_the_values_match(joined: Federation) -> None:
    joined.start()
    assert sum(joined.weights()) == 10**16
    assert joined.weights()[0] == pytest.approx(10**16 / 2, rel=1e-11)
    assert len(set(joined.weights()[1:])) == 1


def test_who_has_not_listed_is_not_in_the_pool(registering: Federation) -> None:
    federation = registering.open(4, listed=lambda k: k % 2 == 1)
    assert federation.pool.asset_count() == 3
    assert [federation.pool.asset_at(k) for k in range(3)] == [
        federation.numeraire.address,
        federation.tokens[1].address,
        federation.tokens[3].address,
    ]


def test_one_client_is_enough() -> None:
    federation = Federation().open(1)
    assert federation.pool.asset_count() == 2
    assert federation.pool.spot_price(1) == pytest.approx(prior_price(federation), rel=1e-12)


def test_64_clients_and_256_rounds_open_and_pay() -> None:
    federation = Federation(rounds=256).open(64)
    assert federation.pool.asset_count() == 65
    for asset in (1, 33, 64):
        assert federation.pool.spot_price(asset) == pytest.approx(prior_price(federation), rel=1e-11)
    federation.round(range(64))
    assert federation.scenario.history(63, 1) > 0


def test_only_the_federator_opens(joined: Federation) -> None:
    with refused("not the federator"):
        joined.scenario.open_market([joined.lp], 0, 0, sender=joined.lp)


def test_an_unfunded_market_does_not_open(registering: Federation) -> None:
    registering.join(2).deposit()
    with refused("the budget is not funded"):
        registering.start()


def test_a_market_opens_once(opened: Federation) -> None:
    with refused("the market is open"):
        opened.scenario.open_market([opened.lp], 0, 0, sender=opened.federator)


def test_a_market_without_listed_clients_does_not_open(registering: Federation) -> None:
    registering.fund().join(2, listed=lambda k: False).deposit()
    with refused("too few clients listed"):
        registering.start()


def test_the_federator_can_insist_on_clients_and_numeraire(joined: Federation) -> None:
    scenario, providers = joined.scenario, [joined.federator, joined.lp]
    deposited = scenario.total_numeraire_deposit()
    with refused("too few clients listed"):
        scenario.open_market(providers, 4, deposited, sender=joined.federator)
    with refused("too little numeraire deposited"):
        scenario.open_market(providers, 3, deposited + 1, sender=joined.federator)
    assert scenario.open_market(providers, 3, deposited, sender=joined.federator) == scenario.pool()


def test_less_than_a_million_units_of_numeraire_do_not_open_a_market() -> None:
    federation = Federation(budget=10**9).fund().join(2).deposit(10**6 - 1)
    with refused("numeraire outside its domain"):
        federation.start()
    federation.deposit(4).start()
    assert federation.balances()[0] == 10**6 + 3


def test_a_provider_is_named_once_and_has_a_deposit(joined: Federation) -> None:
    for providers in ([joined.lp, joined.attacker], [joined.lp, joined.lp]):
        with refused("provider without a deposit"):
            joined.scenario.open_market(providers, 0, 0, sender=joined.federator)


def test_a_deposit_nobody_asked_for_does_not_stop_the_opening(joined: Federation) -> None:
    joined.grant(joined.attacker, 2**110)
    joined.scenario.deposit_numeraire(2**110, sender=joined.attacker)
    joined.start()
    assert joined.pool.balanceOf(joined.attacker) == 0
    joined.scenario.withdraw_numeraire(sender=joined.attacker)
    assert joined.numeraire.balanceOf(joined.attacker) == 2**110


def test_more_numeraire_than_the_books_hold_is_refused() -> None:
    federation = Federation(budget=2**109 - 1).fund().join(1)
    federation.deposit(2**111)
    with refused("numeraire outside its domain"):
        federation.start()


def test_exponents_beyond_the_domain_are_refused() -> None:
    rich = Federation(rounds=256).fund().join(1)
    value = rich.budget * rich.listed // WAD
    rich.deposit(129 * value)
    with refused("numeraire outweighs the tokens"):
        rich.start()
    poor = Federation(budget=10**12).fund().join(1).deposit(10**6)
    with refused("tokens outweigh the numeraire"):
        poor.start()


def test_the_largest_exponents_of_the_domain_open() -> None:
    rich = Federation(rounds=256).fund().join(1)
    rich.deposit(127 * (rich.budget * rich.listed // WAD)).start()
    assert rich.pool.asset_count() == 2


def test_a_value_that_rounds_to_nothing_does_not_open() -> None:
    federation = Federation(listed=1).fund().join(1).deposit(10**6)
    with refused("numeraire outweighs the tokens"):
        federation.start()


def test_tokens_sent_to_the_pool_before_it_exists_change_nothing(joined: Federation) -> None:
    # The address of the pool is known in advance; whoever sends tokens there gives them away.
    snapshot = joined.copy()

    with boa.env.anchor():
        address = snapshot.start().pool.address
    joined.tokens[0].transfer(address, 10**15, sender=joined.clients[0])
    joined.start()
    assert joined.pool.address == address
    assert joined.balances()[1] == joined.listed_amount
    assert joined.tokens[0].balanceOf(address) == joined.listed_amount + 10**15
    joined.round()
    assert joined.tokens[0].claimable(address) == 0


def test_the_pool_is_a_pool_of_this_scenario(opened: Federation) -> None:
    pool = compiled("Pool").at(opened.scenario.pool())
    assert pool.scenario() == opened.scenario.address
    assert pool.numeraire() == opened.numeraire.address
    assert pool.clock_on()
