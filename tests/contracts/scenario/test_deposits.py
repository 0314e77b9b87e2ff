"""Scenario.deposit_tokens, withdraw_tokens, deposit_numeraire, withdraw_numeraire."""

import boa
import pytest
from onchain.world import FOREVER, Federation, event, refused


@pytest.fixture
def federation(registering: Federation) -> Federation:
    """Three clients that have joined without listing."""
    return registering.fund().join(3, listed=lambda k: False)


def test_a_client_deposits_its_listed_part_later(federation: Federation) -> None:
    client, token = federation.clients[1], federation.tokens[1]
    token.approve(federation.scenario, federation.listed_amount, sender=client)
    federation.scenario.deposit_tokens(sender=client)
    assert event(federation.scenario, "TokensDeposited") == {
        "client": client,
        "amount": federation.listed_amount,
    }
    assert token.balanceOf(federation.scenario) == federation.listed_amount
    assert [federation.scenario.is_listed(k) for k in range(3)] == [False, True, False]


def test_depositing_tokens_twice_is_refused(joined: Federation) -> None:
    with refused("already deposited"):
        joined.scenario.deposit_tokens(sender=joined.clients[0])


def test_depositing_tokens_needs_an_approval(federation: Federation) -> None:
    with refused("allowance too small"):
        federation.scenario.deposit_tokens(sender=federation.clients[0])
    assert not federation.scenario.is_listed(0)


def test_depositing_tokens_that_were_given_away_is_refused(federation: Federation) -> None:
    client, token = federation.clients[0], federation.tokens[0]
    token.approve(federation.scenario, FOREVER, sender=client)
    token.transfer(federation.investor, federation.supply - federation.listed_amount + 1, sender=client)
    with refused("balance too small"):
        federation.scenario.deposit_tokens(sender=client)


def test_who_is_no_client_deposits_and_withdraws_no_tokens(joined: Federation) -> None:
    with refused("not a client"):
        joined.scenario.deposit_tokens(sender=joined.attacker)
    with refused("not a client"):
        joined.scenario.withdraw_tokens(sender=joined.attacker)


def test_a_client_takes_its_tokens_back_and_may_list_again(joined: Federation) -> None:
    client, token, scenario = joined.clients[2], joined.tokens[2], joined.scenario
    scenario.withdraw_tokens(sender=client)
    assert event(scenario, "TokensWithdrawn") == {"client": client, "amount": joined.listed_amount}
    assert token.balanceOf(client) == joined.supply
    assert [scenario.is_listed(k) for k in range(3)] == [True, True, False]
    token.approve(scenario, FOREVER, sender=client)
    scenario.deposit_tokens(sender=client)
    assert scenario.is_listed(2)


def test_withdrawing_tokens_twice_is_refused(joined: Federation) -> None:
    joined.scenario.withdraw_tokens(sender=joined.clients[0])
    with refused("nothing to withdraw"):
        joined.scenario.withdraw_tokens(sender=joined.clients[0])


def test_tokens_in_the_pool_stay_there(opened: Federation) -> None:
    with refused("the market is open"):
        opened.scenario.withdraw_tokens(sender=opened.clients[0])
    with refused("the market is open"):
        opened.scenario.deposit_tokens(sender=opened.clients[0])


def test_anyone_deposits_numeraire(federation: Federation) -> None:
    scenario, investor = federation.scenario, federation.investor
    federation.grant(investor, 30)
    scenario.deposit_numeraire(10, sender=investor)
    scenario.deposit_numeraire(20, sender=investor)
    assert event(scenario, "NumeraireDeposited") == {"depositor": investor, "amount": 20}
    assert scenario.numeraire_deposit(investor) == 30
    assert scenario.total_numeraire_deposit() == 30
    assert federation.numeraire.balanceOf(scenario) == federation.budget + 30
    assert scenario.escrow() == federation.budget


def test_a_deposit_of_nothing_is_refused(federation: Federation) -> None:
    with refused("amount is zero"):
        federation.scenario.deposit_numeraire(0, sender=federation.lp)


def test_numeraire_is_not_deposited_into_an_open_market(opened: Federation) -> None:
    opened.grant(opened.lp, 10)
    with refused("the market is open"):
        opened.scenario.deposit_numeraire(10, sender=opened.lp)


def test_an_lp_takes_its_whole_deposit_back(joined: Federation) -> None:
    scenario, lp = joined.scenario, joined.lp
    deposit, total = scenario.numeraire_deposit(lp), scenario.total_numeraire_deposit()
    scenario.withdraw_numeraire(sender=lp)
    assert event(scenario, "NumeraireWithdrawn") == {"depositor": lp, "amount": deposit}
    assert joined.numeraire.balanceOf(lp) == deposit
    assert scenario.numeraire_deposit(lp) == 0
    assert scenario.total_numeraire_deposit() == total - deposit


def test_numeraire_is_withdrawn_once(joined: Federation) -> None:
    joined.scenario.withdraw_numeraire(sender=joined.lp)
    with refused("nothing to withdraw"):
        joined.scenario.withdraw_numeraire(sender=joined.lp)


def test_a_deposit_the_pool_has_opened_with_cannot_be_withdrawn(opened: Federation) -> None:
    with refused("nothing to withdraw"):
        opened.scenario.withdraw_numeraire(sender=opened.lp)


def test_a_deposit_left_out_at_the_opening_can_be_withdrawn_in_every_state(joined: Federation) -> None:
    scenario, investor = joined.scenario, joined.investor
    joined.grant(investor, 1_000)
    scenario.deposit_numeraire(1_000, sender=investor)
    joined.start()
    assert scenario.total_numeraire_deposit() == 1_000
    joined.mature()
    scenario.withdraw_numeraire(sender=investor)
    assert joined.numeraire.balanceOf(investor) == 1_000
    assert scenario.total_numeraire_deposit() == 0


def test_nobody_withdraws_what_others_deposited(joined: Federation) -> None:
    with refused("nothing to withdraw"):
        joined.scenario.withdraw_numeraire(sender=boa.env.generate_address())
