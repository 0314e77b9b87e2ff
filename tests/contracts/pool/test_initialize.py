"""Pool.initialize: once, by the Scenario that made it; nothing works before."""

from typing import Any

import boa
import pytest
from onchain.world import FOREVER, Federation, compiled, refused

SHARES = 10**15


@pytest.fixture
def fake(chain: None) -> Any:
    scenario = compiled("FakeScenario").deploy()
    scenario.set_clock(10**12, 10**12, 0, 0)
    return scenario


@pytest.fixture
def bare(fake: Any) -> Any:
    """A pool that its Scenario has not initialised."""
    numeraire = compiled("DemoNumeraire").deploy(6)
    with boa.env.prank(fake.address):
        return compiled("Pool").deploy(numeraire, b"\0" * 32, 10**18, 1, 0, 0, 0, True)


OPENING = (10**9, 5 * 10**15, 10**17, 5 * 10**15, [0])


def test_the_opening_is_booked(bare: Any, fake: Any) -> None:
    holders = [boa.env.generate_address() for _ in range(2)]
    bare.initialize(OPENING, holders, [600, 400], sender=fake.address)
    assert [bare.balance_of_asset(k) for k in (0, 1)] == [10**9, 10**17]
    assert [bare.balanceOf(holder) for holder in holders] == [600, 400]
    assert bare.balanceOf(bare) == SHARES - 1_000
    assert bare.totalSupply() == SHARES


def test_only_the_scenario_initialises(bare: Any) -> None:
    with refused("not the scenario"):
        bare.initialize(OPENING, [], [])


def test_a_pool_is_initialised_once(opened: Federation) -> None:
    with refused("already initialised"):
        opened.pool.initialize(OPENING, [], [], sender=opened.scenario.address)
    with refused("not the scenario"):
        opened.pool.initialize(OPENING, [], [], sender=opened.attacker)


def test_holders_and_shares_go_together(bare: Any, fake: Any) -> None:
    with refused("not one share for each holder"):
        bare.initialize(OPENING, [boa.env.generate_address()], [], sender=fake.address)


def test_more_than_the_opening_shares_are_refused(bare: Any, fake: Any) -> None:
    with refused(""):
        bare.initialize(OPENING, [boa.env.generate_address()], [SHARES + 1], sender=fake.address)


def test_nothing_works_before(bare: Any) -> None:
    with refused("not initialised"):
        bare.add_liquidity(1, [], FOREVER)
    with refused("not initialised"):
        bare.remove_liquidity(1, [], boa.env.generate_address(), FOREVER)
    with refused("no such asset"):
        bare.swap_exact_in(0, 1, 1, 0, boa.env.generate_address(), FOREVER)
    with refused("no such asset"):
        bare.spot_price(1)


def test_a_claim_of_reserves_beyond_the_books_is_refused(bare: Any, fake: Any) -> None:
    with refused("balance above 2^112 units"):
        bare.initialize((2**112, *OPENING[1:]), [], [], sender=fake.address)
