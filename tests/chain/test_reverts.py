"""A refusal names the contract, the function, the sender, the reason, and what to do."""

import pytest

from wallstreetfeds.chain import ContractError


def refused(reason, call, *args, **kwargs):
    with pytest.raises(ContractError) as error:
        call(*args, **kwargs)
    assert error.value.reason == reason
    return error.value


def test_refusal_says_who_what_why_and_what_to_do(federation):
    stranger = federation.investor
    error = refused("not the federator", federation.scenario.fund, sender=stranger)
    assert (error.contract, error.function, error.sender) == ("Scenario", "fund", stranger.address)
    assert error.hint == "only the account that created the federation may do this"
    assert str(error) == f"Scenario.fund refused {stranger.address}: not the federator ({error.hint})"


def test_reasons_come_from_every_depth(federation):
    scenario, investor = federation.scenario, federation.investor
    federator = federation.federator
    refused("already funded", scenario.fund, sender=federator)
    refused("not on the allow-list", scenario.join, True, sender=investor)
    refused("the market is not open", scenario.open_round, sender=federator)
    federation.numeraire.approve(scenario.address, 0, sender=investor)
    refused("allowance too small", scenario.deposit_numeraire, 10**6, sender=investor)
    federation.open()
    pool, late = scenario.market(), federation.session.timestamp() - 1
    swap = (0, 1, 10**6, 0, investor.address)
    refused("deadline has passed", pool.swap_exact_in, *swap, late, sender=investor)
    refused("balance too small", scenario.token(0).transfer, investor.address, 2**63, sender=federator)


def test_views_refuse_with_a_reason_too(federation):
    refused("no such client", federation.scenario.token_at, 0)
    federation.join()
    error = refused("not a client", federation.scenario.index_of, federation.investor.address)
    assert error.hint


def test_one_refused_view_of_many_is_named(federation):
    federation.join()
    assert len(federation.scenario.read_many([("token_at", [0]), ("token_at", [2])])) == 2
    refused("no such client", federation.scenario.read_many, [("token_at", [0]), ("token_at", [3])])


def test_a_failed_transaction_costs_gas_and_the_next_one_goes_through(federation):
    scenario, federator = federation.scenario, federation.federator
    before = federation.session.stats
    refused("already funded", scenario.fund, sender=federator)
    assert federation.session.stats.transactions == before.transactions + 1
    assert federation.session.stats.gas > before.gas
    scenario.cancel(sender=federator)


def test_without_a_reason_in_the_receipt_the_call_is_replayed(federation, monkeypatch):
    node = federation.session.node
    plain = node.request

    def without(method, *params):
        answer = plain(method, *params)
        return {**answer, "revertReason": "0x"} if method == "eth_getTransactionReceipt" else answer

    monkeypatch.setattr(node, "request", without)
    error = refused("already funded", federation.scenario.fund, sender=federation.federator)
    assert error.hint


def test_functions_between_contracts_are_refused_to_accounts(federation):
    federation.open()
    scenario, me = federation.scenario, federation.federator
    token = scenario.token(0)
    refused("not the client's token", scenario.pay_reward, 0, me.address, 1, sender=me)
    refused("not what a pool has earned", scenario.pay_pool_reward, me.address, 1, sender=me)
    refused("already initialised", token.initialize, me.address, 0, 1, 0, 0, False, sender=me)
    refused("not the scenario", token.list_in_pool, me.address, 1, sender=me)
    refused("not a pool and not the scenario", token.release, me.address, 1, sender=me)
    refused("not the court of challenges", scenario.replace_scores, 1, [1], b"\0" * 32, 0, sender=me)
    refused("not the scenario", scenario.court().escrow_bond, 1, sender=me)
    refused("not the scenario", scenario.court().slice_bond, 1, sender=me)
