"""ClientToken.transfer, transferFrom, approve: ERC-20, and rewards that stay with who earned them."""

import boa
import pytest
from onchain.world import FOREVER, ZERO, Federation, event, refused

MUCH = 10**17


def test_a_transfer_moves_tokens(opened: Federation) -> None:
    client, token, investor = opened.clients[0], opened.tokens[0], opened.investor
    before = token.balanceOf(client)
    assert token.transfer(investor, MUCH, sender=client) is True
    assert event(token, "Transfer") == {"sender": client, "receiver": investor, "amount": MUCH}
    assert (token.balanceOf(client), token.balanceOf(investor)) == (before - MUCH, MUCH)


def test_everything_can_be_transferred_and_no_more(opened: Federation) -> None:
    client, token = opened.clients[0], opened.tokens[0]
    balance = token.balanceOf(client)
    with refused("balance too small"):
        token.transfer(opened.investor, balance + 1, sender=client)
    token.transfer(opened.investor, balance, sender=client)
    assert token.balanceOf(client) == 0


def test_nothing_can_be_transferred_by_who_has_nothing(opened: Federation) -> None:
    assert opened.tokens[0].transfer(opened.investor, 0, sender=opened.attacker) is True
    with refused("balance too small"):
        opened.tokens[0].transfer(opened.investor, 1, sender=opened.attacker)


def test_the_zero_address_gets_nothing(opened: Federation) -> None:
    with refused("transfer to the zero address"):
        opened.tokens[0].transfer(ZERO, 1, sender=opened.clients[0])


@pytest.mark.parametrize("amount", [0, 1, MUCH])
def test_a_transfer_to_oneself_changes_nothing(opened: Federation, amount: int) -> None:
    client, token = opened.clients[0], opened.tokens[0]
    opened.round([1, 1, 1])
    opened.scenario.open_round(sender=opened.federator)
    before = (token.balanceOf(client), token.claimable(client))
    token.transfer(client, amount, sender=client)
    assert (token.balanceOf(client), token.claimable(client)) == before
    opened.settle([1, 1, 1])
    with boa.env.anchor():
        twice = token.claimable(client)
    assert twice == pytest.approx(2 * before[1], abs=2)


def test_an_approved_spender_moves_tokens(opened: Federation) -> None:
    client, token, spender = opened.clients[0], opened.tokens[0], opened.attacker
    assert token.approve(spender, MUCH, sender=client) is True
    assert event(token, "Approval") == {"owner": client, "spender": spender, "amount": MUCH}
    assert token.transferFrom(client, opened.investor, MUCH - 1, sender=spender) is True
    assert token.allowance(client, spender) == 1
    with refused("allowance too small"):
        token.transferFrom(client, opened.investor, 2, sender=spender)


def test_an_unlimited_approval_is_not_used_up(opened: Federation) -> None:
    client, token, spender = opened.clients[0], opened.tokens[0], opened.attacker
    token.approve(spender, FOREVER, sender=client)
    token.transferFrom(client, spender, MUCH, sender=spender)
    assert token.allowance(client, spender) == FOREVER


def test_without_an_approval_nothing_moves(opened: Federation) -> None:
    with refused("allowance too small"):
        opened.tokens[0].transferFrom(opened.clients[0], opened.attacker, 1, sender=opened.attacker)


def test_an_approval_covers_no_more_than_the_balance(opened: Federation) -> None:
    client, token = opened.clients[0], opened.tokens[0]
    token.approve(opened.attacker, FOREVER, sender=client)
    with refused("balance too small"):
        token.transferFrom(client, opened.attacker, token.balanceOf(client) + 1, sender=opened.attacker)


def test_tokens_of_one_client_are_not_those_of_another(opened: Federation) -> None:
    opened.tokens[0].transfer(opened.investor, MUCH, sender=opened.clients[0])
    assert opened.tokens[1].balanceOf(opened.investor) == 0
    with refused("balance too small"):
        opened.tokens[1].transfer(opened.attacker, 1, sender=opened.investor)


def test_a_transfer_leaves_earned_rewards_where_they_are(opened: Federation) -> None:
    """I6: earned rewards stay, the next round's follow the token."""
    client, token, investor = opened.clients[0], opened.tokens[0], opened.investor
    opened.round([1, 1, 1])
    earned = token.claimable(client)
    token.transfer(investor, token.balanceOf(client), sender=client)
    assert (token.claimable(client), token.claimable(investor)) == (earned, 0)
    opened.round([1, 1, 1])
    assert token.claimable(client) == earned
    assert token.claimable(investor) == pytest.approx(earned, abs=1)


def test_a_sale_between_opening_and_payment_is_ex_reward(opened: Federation) -> None:
    client, token, investor = opened.clients[0], opened.tokens[0], opened.investor
    opened.scenario.open_round(sender=opened.federator)
    token.transfer(investor, token.balanceOf(client), sender=client)
    opened.settle([1, 0, 0])
    assert token.claimable(client) > 0
    assert token.claimable(investor) == 0


def test_tokens_given_to_the_pool_stay_out_of_its_books(opened: Federation) -> None:
    books = opened.balances()
    opened.tokens[0].transfer(opened.pool, MUCH, sender=opened.clients[0])
    assert opened.balances() == books
    opened.round([1, 0, 0])
    assert opened.tokens[0].claimable(opened.pool) == 0
    assert opened.tokens[0].claim_for(opened.pool) == 0
