"""Approvals by signature, and liquidity with one asset alone."""

import pytest

from wallstreetfeds.chain import ContractError, audit, sign_permit
from wallstreetfeds.records import SingleAssetAdded, SingleAssetRemoved

UNLIMITED = 2**256 - 1


@pytest.fixture
def market(federation):
    federation.open()
    return federation


@pytest.mark.parametrize("kind", ["token", "LP shares"])
def test_a_permit_approves_once_whoever_hands_it_in(market, kind):
    token = market.scenario.token(0) if kind == "token" else market.scenario.market()
    owner, spender = market.clients[0], market.investor
    permit = sign_permit(token, owner, spender.address, 777, UNLIMITED)
    token.permit(*permit, sender=market.lp)
    assert token.allowance(owner.address, spender.address) == 777
    assert token.nonces(owner.address) == 1
    with pytest.raises(ContractError, match="permit: not signed by the owner"):
        token.permit(*permit, sender=market.lp)
    # The next one has the next nonce.
    token.permit(*sign_permit(token, owner, spender.address, 5, UNLIMITED), sender=market.lp)
    assert token.allowance(owner.address, spender.address) == 5


def test_a_permit_for_another_spender_or_time_is_refused(market):
    token, owner = market.scenario.token(1), market.clients[1]
    permit = sign_permit(token, owner, market.investor.address, 777, UNLIMITED)
    with pytest.raises(ContractError, match="permit: not signed by the owner"):
        token.permit(*permit._replace(spender=market.lp.address), sender=market.lp)
    old = sign_permit(token, owner, market.investor.address, 777, market.session.timestamp() - 1)
    with pytest.raises(ContractError, match="permit: deadline has passed"):
        token.permit(*old, sender=market.lp)


def test_the_domain_is_that_of_the_token(market):
    token = market.scenario.token(2)
    fields, name, version, chain_id, contract, salt, extensions = token.eip712Domain()
    assert (fields, name, version) == (b"\x0f", token.name(), "1")
    assert (chain_id, contract) == (market.session.chain_id, token.address)
    assert (salt, extensions) == (b"\0" * 32, ())
    assert token.DOMAIN_SEPARATOR() != market.scenario.token(1).DOMAIN_SEPARATOR()


def test_one_asset_goes_in_and_comes_out_and_the_books_balance(market):
    pool, lp = market.scenario.market(), market.lp
    joined = pool.add_single_asset(0, 10**7, 1, UNLIMITED, sender=lp)
    (event,) = [e for e in joined.events if isinstance(e, SingleAssetAdded)]
    assert (joined.value, event.amount) == (event.shares, 10**7)
    assert event.fee > 0
    left = pool.remove_single_asset(1, joined.value // 2, 1, lp.address, UNLIMITED, sender=lp)
    (event,) = [e for e in left.events if isinstance(e, SingleAssetRemoved)]
    assert left.value == event.amount == market.scenario.token(0).balanceOf(lp.address)
    market.play([5, 3, 2])
    result = audit(market.session, market.scenario)
    assert result.discrepancies == ()
    assert result.balanced


def test_limits_of_one_asset_joins_and_exits(market):
    pool, lp = market.scenario.market(), market.lp
    with pytest.raises(ContractError, match="below the minimum"):
        pool.add_single_asset(0, 10**7, 10**15, UNLIMITED, sender=lp)
    with pytest.raises(ContractError, match="below the minimum"):
        pool.remove_single_asset(0, 10**9, 10**12, lp.address, UNLIMITED, sender=lp)


def test_a_listed_client_s_shares_vest(market):
    pool, client = market.scenario.market(), market.clients[0]
    shares = pool.balanceOf(client.address)
    assert pool.unvested(client.address) == pytest.approx(shares, rel=1e-9)
    assert pool.unvested(market.lp.address) == 0
    with pytest.raises(ContractError, match="shares not vested yet"):
        pool.transfer(market.lp.address, shares // 2, sender=client)
    market.play([1, 1, 1])
    pool.transfer(market.lp.address, shares // 4, sender=client)


def test_an_asset_is_found_by_its_token(market):
    pool = market.scenario.market()
    assert pool.asset_by_token(market.scenario.token_at(2)) == 3
    assert pool.asset_by_token(market.numeraire.address) == 0
    with pytest.raises(ValueError, match="does not trade"):
        pool.asset_by_token(pool.address)
