"""Pool.harvest, claim, claim_for, claimable: what the pool's tokens earn goes to the LPs of record."""

import pytest
from onchain.world import OPENING_SHARES, Federation, event, events, refused


def test_lps_share_what_the_listed_tokens_earned(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    pot = opened.scenario.pot()
    opened.settle([1, 2, 5])
    # A fifth of every supply is listed.
    for actor in (opened.lp, opened.federator, *opened.clients):
        expected = pot / 5 * opened.pool.balanceOf(actor) / OPENING_SHARES
        assert opened.pool.claimable(actor) == pytest.approx(expected, abs=1)


def test_an_lp_claims_once(opened: Federation) -> None:
    opened.round([1, 2, 5])
    expected = opened.pool.claimable(opened.lp)
    assert opened.pool.claim(sender=opened.lp) == expected > 0
    assert event(opened.pool, "Claimed") == {"holder": opened.lp, "amount": expected}
    assert opened.numeraire.balanceOf(opened.lp) == expected
    assert opened.pool.claimable(opened.lp) == 0
    assert opened.pool.claim(sender=opened.lp) == 0
    assert events(opened.pool, "Claimed") == []


def test_anyone_claims_for_an_lp_and_the_lp_is_paid(opened: Federation) -> None:
    opened.round([1, 2, 5])
    paid = opened.pool.claim_for(opened.lp, sender=opened.attacker)
    assert opened.numeraire.balanceOf(opened.lp) == paid > 0
    assert opened.numeraire.balanceOf(opened.attacker) == 0


def test_the_pool_does_not_claim_for_its_locked_shares(opened: Federation) -> None:
    opened.round()
    with refused("the pool does not claim"):
        opened.pool.claim_for(opened.pool)


def test_a_second_harvest_finds_nothing(opened: Federation) -> None:
    opened.round()
    claimable = opened.pool.claimable(opened.lp)
    assert opened.pool.harvest() == opened.pool.harvest()
    assert events(opened.pool, "Harvested") == []
    assert opened.pool.claimable(opened.lp) == claimable


def test_a_harvest_before_the_payment_books_nothing(opened: Federation) -> None:
    assert opened.pool.harvest() == 0
    opened.scenario.open_round(sender=opened.federator)
    assert opened.pool.harvest() == 0
    opened.settle()
    assert opened.pool.harvest() > 0


def test_rewards_never_enter_the_reserves(opened: Federation) -> None:
    books = opened.balances()
    opened.round([1, 2, 5])
    opened.pool.claim(sender=opened.lp)
    assert opened.balances() == books


def test_who_leaves_after_the_record_date_is_still_paid(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    shares = opened.pool.balanceOf(opened.lp)
    opened.remove(opened.lp, shares)
    pot = opened.scenario.pot()
    opened.settle()
    before = opened.numeraire.balanceOf(opened.lp)
    assert opened.pool.claim(sender=opened.lp) == pytest.approx(pot / 5 * shares / OPENING_SHARES, abs=1)
    assert opened.numeraire.balanceOf(opened.lp) > before


def test_who_joins_after_the_record_date_earns_from_the_next_round(opened: Federation) -> None:
    investor = opened.equip(opened.investor, 10**12, 10**17)
    opened.scenario.open_round(sender=opened.federator)
    claimable = [token.claimable(investor) for token in opened.tokens]
    opened.add(investor, OPENING_SHARES // 10)
    opened.settle()
    assert opened.pool.claimable(investor) == 0
    # The tokens it put in were its own at the record date.
    assert all(token.claimable(investor) > was for token, was in zip(opened.tokens, claimable, strict=True))
    opened.round()
    assert opened.pool.claimable(investor) > 0


def test_tokens_bought_from_the_pool_after_the_record_date_earn_for_its_lps(opened: Federation) -> None:
    investor = opened.equip(opened.investor)
    opened.scenario.open_round(sender=opened.federator)
    opened.swap(investor, 0, 1, 10**10)
    opened.settle([1, 0, 0])
    assert opened.tokens[0].claimable(investor) == 0
    assert opened.pool.harvest() == opened.budget // opened.rounds // 5


def test_tokens_sold_to_the_pool_after_the_record_date_earn_for_the_seller(opened: Federation) -> None:
    client, token = opened.clients[0], opened.tokens[0]
    token.approve(opened.pool, 2**255, sender=client)
    held = token.balanceOf(client)
    opened.scenario.open_round(sender=opened.federator)
    opened.swap(client, 1, 0, 5 * 10**16)
    opened.settle([1, 0, 0])
    assert token.claimable(client) == opened.budget // opened.rounds * held // opened.supply
    assert opened.pool.harvest() == opened.budget // opened.rounds // 5


def test_shares_that_move_leave_their_rewards_behind(opened: Federation) -> None:
    pool, lp, investor = opened.pool, opened.lp, opened.investor
    opened.round()
    earned, shares = pool.claimable(lp), pool.balanceOf(lp)
    pool.transfer(investor, shares, sender=lp)
    assert event(pool, "Transfer") == {"sender": lp, "receiver": investor, "amount": shares}
    assert (pool.claimable(lp), pool.claimable(investor)) == (earned, 0)
    opened.round()
    assert pool.claimable(lp) == earned
    assert pool.claimable(investor) == pytest.approx(earned, abs=1)


def test_a_transfer_of_shares_to_oneself_changes_nothing(opened: Federation) -> None:
    pool, lp = opened.pool, opened.lp
    opened.round()
    opened.scenario.open_round(sender=opened.federator)
    before = (pool.balanceOf(lp), pool.claimable(lp), pool.totalSupply())
    pool.transfer(lp, pool.balanceOf(lp), sender=lp)
    assert (pool.balanceOf(lp), pool.claimable(lp), pool.totalSupply()) == before


def test_shares_move_by_approval_and_within_the_balance(opened: Federation) -> None:
    pool, lp, spender = opened.pool, opened.lp, opened.attacker
    with refused("allowance too small"):
        pool.transferFrom(lp, spender, 1, sender=spender)
    with refused("balance too small"):
        pool.transfer(spender, pool.balanceOf(lp) + 1, sender=lp)
    with refused("transfer to the zero address"):
        pool.transfer("0x" + "00" * 20, 1, sender=lp)
    pool.approve(spender, 10, sender=lp)
    pool.transferFrom(lp, spender, 10, sender=spender)
    assert (pool.balanceOf(spender), pool.allowance(lp, spender)) == (10, 0)


def test_an_empty_pool_does_not_block_a_payment(opened: Federation) -> None:
    for _ in range(opened.rounds - 1):
        opened.round()
    opened.scenario.open_round(sender=opened.federator)
    for actor in (opened.lp, opened.federator, *opened.clients):
        opened.remove(actor, opened.pool.balanceOf(actor))
    assert opened.pool.totalSupply() == opened.pool.balanceOf(opened.pool)
    opened.settle()
    assert opened.clock()[3] == opened.rounds


def test_an_lp_that_never_acts_loses_nothing_over_many_rounds() -> None:
    federation = Federation(rounds=40, budget=40 * 10**9).open(2)
    total = 0
    for _ in range(40):
        federation.round([1, 3])
        total += federation.pool.claim(sender=federation.federator)
    lazy = federation.pool.claim(sender=federation.clients[0])
    ratio = federation.pool.balanceOf(federation.clients[0]) / federation.pool.balanceOf(federation.federator)
    assert lazy == pytest.approx(total * ratio, abs=2)


def test_everything_harvested_can_be_paid(opened: Federation) -> None:
    opened.round([1, 2, 5])
    opened.round([0, 0, 9])
    for actor in (opened.lp, opened.federator, *opened.clients):
        opened.pool.claim_for(actor)
    harvested = opened.pool.harvest()
    left = harvested - opened.scenario.paid()
    # The locked shares' part, and a fraction of a unit for each LP.
    locked = harvested * opened.pool.balanceOf(opened.pool) // OPENING_SHARES
    assert locked <= left <= locked + 6
