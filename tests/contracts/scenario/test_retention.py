"""Retention: a client keeps part of its own supply, whatever way it tries to send it."""

import boa
import pytest
from eth_account import Account
from onchain.permits import signed_permit
from onchain.world import FOREVER, Federation, compiled, refused

KEPT = "the client has to keep this part"


@pytest.fixture
def bound(chain: None) -> Federation:
    """A fifth is listed, a fifth is kept: three fifths are free."""
    return Federation(retained=2 * 10**17).open(2)


def free(federation: Federation) -> int:
    token, client = federation.tokens[0], federation.clients[0]
    return int(token.balanceOf(client) - token.retained(client))


def test_a_client_sends_what_is_free_and_no_unit_more(bound: Federation) -> None:
    token, client = bound.tokens[0], bound.clients[0]
    assert token.retained(client) == bound.supply // 5
    assert free(bound) == bound.supply * 3 // 5
    with refused(KEPT):
        token.transfer(bound.attacker, free(bound) + 1, sender=client)
    token.transfer(bound.attacker, free(bound), sender=client)
    with refused(KEPT):
        token.transfer(bound.attacker, 1, sender=client)


def test_others_are_bound_by_nothing(bound: Federation) -> None:
    token = bound.tokens[0]
    token.transfer(bound.attacker, 10**17, sender=bound.clients[0])
    assert token.retained(bound.attacker) == 0
    token.transfer(bound.lp, 10**17, sender=bound.attacker)


def test_an_allowance_does_not_help(bound: Federation) -> None:
    token, client = bound.tokens[0], bound.clients[0]
    token.approve(bound.attacker, FOREVER, sender=client)
    with refused(KEPT):
        token.transferFrom(client, bound.attacker, free(bound) + 1, sender=bound.attacker)


def test_a_permit_does_not_help() -> None:
    key = Account.from_key(b"\x11" * 32)
    federation = Federation(retained=2 * 10**17).fund()
    token = compiled("ClientToken").at(federation.scenario.join(True, sender=key.address))
    federation.tokens.append(token)
    federation.clients.append(key.address)
    federation.deposit().start()
    token.permit(*signed_permit(token, key, federation.attacker, FOREVER), sender=federation.attacker)
    with refused(KEPT):
        token.transferFrom(key.address, federation.attacker, free(federation) + 1, sender=federation.attacker)


def test_neither_the_pool_takes_it(bound: Federation) -> None:
    token, client = bound.tokens[0], bound.clients[0]
    bound.equip(client, 10**13)
    token.transfer(bound.lp, free(bound), sender=client)
    amount = bound.balances()[1] // 10
    with refused(KEPT):
        bound.swap(client, 1, 0, amount)
    with refused(KEPT):
        bound.pool.add_single_asset(1, amount, 0, FOREVER, sender=client)
    with refused(KEPT):
        bound.add(client, 10**13)


def test_it_is_released_with_the_schedule(bound: Federation) -> None:
    token, client = bound.tokens[0], bound.clients[0]
    kept = []
    for _ in range(4):
        bound.round()
        kept.append(token.retained(client))
    fifth = bound.supply // 5
    assert kept == [fifth * 3 // 4, fifth // 2, fifth // 4, 0]
    token.transfer(bound.attacker, token.balanceOf(client), sender=client)


def test_the_record_date_already_releases(bound: Federation) -> None:
    bound.scenario.open_round(sender=bound.federator)
    assert bound.tokens[0].retained(bound.clients[0]) == bound.supply // 5 * 3 // 4


def test_before_the_opening_all_of_it_is_kept(registering: Federation) -> None:
    federation = Federation(retained=2 * 10**17).fund().join(1, listed=lambda k: False)
    token, client = federation.tokens[0], federation.clients[0]
    assert token.retained(client) == federation.supply // 5
    token.transfer(federation.attacker, federation.supply * 7 // 10, sender=client)
    # A tenth is free, a fifth would have to be deposited.
    token.approve(federation.scenario, FOREVER, sender=client)
    with refused(KEPT):
        federation.scenario.deposit_tokens(sender=client)


def test_the_account_that_joins_is_the_one_that_is_bound(bound: Federation) -> None:
    # There is no other receiver to name: the supply is minted to the caller.
    other = boa.env.generate_address()
    federation = Federation(retained=2 * 10**17)
    token = compiled("ClientToken").at(federation.scenario.join(False, sender=other))
    assert token.balanceOf(other) == federation.supply
    assert token.retained(other) == federation.supply // 5


def test_tokens_bought_back_are_free_again(bound: Federation) -> None:
    token, client = bound.tokens[0], bound.clients[0]
    token.transfer(bound.attacker, free(bound), sender=client)
    token.transfer(client, 10**15, sender=bound.attacker)
    assert free(bound) == 10**15
    token.transfer(bound.attacker, 10**15, sender=client)


def test_a_self_transfer_changes_nothing(bound: Federation) -> None:
    token, client = bound.tokens[0], bound.clients[0]
    balance = token.balanceOf(client)
    token.transfer(client, free(bound), sender=client)
    assert token.balanceOf(client) == balance


def test_what_is_kept_is_rounded_up() -> None:
    federation = Federation(retained=2 * 10**17, rounds=7, budget=70_000_003, supply=10**9).open(1)
    token, client = federation.tokens[0], federation.clients[0]
    for _ in range(7):
        federation.round()
        rho = federation.clock()[1]
        kept = token.retained(client)
        assert kept == -(-2 * 10**8 * rho // 70_000_003)
        assert kept * 70_000_003 >= 2 * 10**8 * rho
    assert kept == 0


def test_the_smallest_part_is_a_ten_thousandth() -> None:
    federation = Federation(retained=10**14).fund().join(1, listed=lambda k: False)
    assert federation.tokens[0].retained(federation.clients[0]) == federation.supply // 10_000
    with refused("terms: retained not in whole basis points"):
        Federation(retained=10**14 + 1)
