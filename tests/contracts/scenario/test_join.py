"""Scenario.join and allow_clients: who becomes a client, and with what token."""

import boa
import pytest
from onchain.world import Federation, compiled, event, events, refused


def test_a_client_joins_and_holds_its_whole_supply(registering: Federation) -> None:
    client = boa.env.generate_address()
    address = registering.scenario.join(False, sender=client)
    assert event(registering.scenario, "ClientJoined") == {
        "client": client,
        "index": 0,
        "token": address,
        "supply": registering.supply,
    }
    token = compiled("ClientToken").at(address)
    assert token.balanceOf(client) == token.totalSupply() == registering.supply
    assert registering.scenario.client_at(0) == client
    assert registering.scenario.index_of(client) == 0
    assert registering.scenario.is_client(client)
    assert not registering.scenario.is_listed(0)


def test_a_client_joins_and_lists_in_one_call(registering: Federation) -> None:
    client = boa.env.generate_address()
    token = compiled("ClientToken").at(registering.scenario.join(True, sender=client))
    listed = registering.listed_amount
    assert event(registering.scenario, "TokensDeposited") == {"client": client, "amount": listed}
    assert token.balanceOf(client) == registering.supply - listed
    assert token.balanceOf(registering.scenario) == listed
    assert registering.scenario.is_listed(0)


def test_tokens_are_where_token_at_computes_them(registering: Federation) -> None:
    federation = registering.join(3)
    for index, token in enumerate(federation.tokens):
        assert federation.scenario.token_at(index) == token.address
        assert token.index() == index
        assert token.scenario() == federation.scenario.address


def test_joining_twice_is_refused(registering: Federation) -> None:
    registering.join(1)
    with refused("already joined"):
        registering.scenario.join(False, sender=registering.clients[0])


@pytest.mark.parametrize("most", [1, 64])
def test_a_full_federation_refuses_one_more(most: int) -> None:
    federation = Federation(max_clients=most).join(most)
    assert federation.scenario.client_count() == most
    with refused("the federation is full"):
        federation.scenario.join(False, sender=federation.attacker)


def test_registration_closes_with_the_opening(opened: Federation) -> None:
    with refused("the market is open"):
        opened.scenario.join(False, sender=opened.attacker)


def test_the_allow_list_decides_where_registration_is_not_open() -> None:
    federation = Federation(open_registration=False)
    scenario, federator = federation.scenario, federation.federator
    client, other = boa.env.generate_address(), boa.env.generate_address()
    scenario.allow_clients([client, other], [], sender=federator)
    assert [(log.client, log.supply) for log in events(scenario, "ClientAllowed")] == [
        (client, federation.supply),
        (other, federation.supply),
    ]
    scenario.allow_clients([other], [0], sender=federator)
    assert scenario.allocation(client) == federation.supply
    assert scenario.allocation(other) == 0
    scenario.join(False, sender=client)
    for stranger in (other, federation.attacker):
        with refused("not on the allow-list"):
            scenario.join(False, sender=stranger)


def test_a_client_taken_off_the_list_stays_a_client() -> None:
    federation = Federation(open_registration=False)
    client = boa.env.generate_address()
    federation.scenario.allow_clients([client], [], sender=federation.federator)
    federation.scenario.join(False, sender=client)
    federation.scenario.allow_clients([client], [0], sender=federation.federator)
    assert federation.scenario.is_client(client)


def test_only_the_federator_keeps_the_allow_list(registering: Federation) -> None:
    with refused("not the federator"):
        registering.scenario.allow_clients([registering.attacker], [], sender=registering.attacker)


def test_the_allow_list_closes_with_the_opening(opened: Federation) -> None:
    with refused("the market is open"):
        opened.scenario.allow_clients([opened.attacker], [], sender=opened.federator)
