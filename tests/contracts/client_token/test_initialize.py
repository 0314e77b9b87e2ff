"""ClientToken.initialize and list_in_pool: once, and only for the Scenario that made it."""

import boa
import pytest
from onchain.world import Federation, compiled, orchestrator, refused


@pytest.fixture
def fake(chain: None) -> object:
    return compiled("FakeScenario").deploy()


@pytest.fixture
def fresh(fake: object) -> object:
    """A proxy that nobody has initialised."""
    return compiled("ClientToken").at(fake.clone(orchestrator().token_implementation()))  # type: ignore[attr-defined]


def test_the_supply_is_minted_to_client_and_scenario(fresh, fake) -> None:
    client = boa.env.generate_address()
    fresh.initialize(client, 63, 10**9, 3 * 10**8, 0, False, sender=fake.address)
    minted = [(log.sender, log.receiver, log.amount) for log in fresh.get_logs(strict=False)]
    zero = "0x" + "00" * 20
    assert minted == [(zero, client, 7 * 10**8), (zero, fake.address, 3 * 10**8)]
    assert (fresh.balanceOf(client), fresh.balanceOf(fake), fresh.totalSupply()) == (
        7 * 10**8,
        3 * 10**8,
        10**9,
    )
    assert (fresh.scenario(), fresh.index()) == (fake.address, 63)


def test_the_largest_supply_is_below_2_to_the_64(fresh, fake) -> None:
    client = boa.env.generate_address()
    with refused("supply above 2^64 units"):
        fresh.initialize(client, 0, 2**64, 0, 0, False, sender=fake.address)
    most = (2**64 - 1) // 10**6 * 10**6
    fresh.initialize(client, 0, most, 0, 0, False, sender=fake.address)
    assert fresh.totalSupply() == fresh.balanceOf(client) == most


def test_a_deposit_above_the_supply_is_refused(fresh, fake) -> None:
    with refused(""):
        fresh.initialize(boa.env.generate_address(), 0, 10**9, 10**9 + 1, 0, False, sender=fake.address)


def test_a_token_is_initialised_once(opened: Federation) -> None:
    with refused("already initialised"):
        opened.tokens[0].initialize(opened.attacker, 0, 10**18, 0, 0, False, sender=opened.attacker)
    with refused("already initialised"):
        opened.tokens[0].initialize(opened.attacker, 0, 10**18, 0, 0, False, sender=opened.scenario.address)


def test_the_implementation_can_never_be_initialised() -> None:
    implementation = compiled("ClientToken").at(orchestrator().token_implementation())
    with refused("already initialised"):
        implementation.initialize(boa.env.generate_address(), 0, 10**18, 0, 0, False)


def test_only_the_scenario_lists_in_a_pool(opened: Federation) -> None:
    for actor in (opened.clients[0], opened.attacker, opened.federator, opened.pool.address):
        with refused("not the scenario"):
            opened.tokens[0].list_in_pool(opened.attacker, 0, sender=actor)


def test_the_scenario_lists_what_it_holds(joined: Federation) -> None:
    token, pool = joined.tokens[0], boa.env.generate_address()
    with refused("balance too small"):
        token.list_in_pool(pool, joined.listed_amount + 1, sender=joined.scenario.address)
    token.list_in_pool(pool, joined.listed_amount, sender=joined.scenario.address)
    assert token.balanceOf(pool) == joined.listed_amount
    assert token.balanceOf(joined.scenario) == 0


def test_names_count_from_zero(opened: Federation) -> None:
    token = opened.tokens[2]
    assert (token.name(), token.symbol(), token.decimals()) == ("WallStreetFeds client 2", "WSF-2", 12)


def test_the_last_of_64_clients_has_a_name(fresh, fake) -> None:
    fresh.initialize(boa.env.generate_address(), 63, 10**18, 0, 0, False, sender=fake.address)
    assert (fresh.name(), fresh.symbol()) == ("WallStreetFeds client 63", "WSF-63")
