"""A numeraire that refuses accounts, or rebases: one account's trouble stops nobody else."""

import pytest
from onchain.world import DAY, EVIDENCE, FOREVER, Federation, compiled, packed, refused

WINDOW = 3600


@pytest.fixture
def federation(chain: None) -> Federation:
    """An open market with challenges; the investor holds tokens and LP shares, one round is paid."""
    federation = Federation(
        numeraire=compiled("RefusingNumeraire").deploy(),
        bond=10**11,
        challenge_window=WINDOW,
        ruling_period=DAY,
    ).open(3)
    federation.equip(federation.investor, 10**12, 10**17)
    federation.add(federation.investor, 10**13)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 1, 1])
    federation.pass_time(WINDOW)
    federation.scenario.finalize_round(1, packed([1, 1, 1]))
    return federation


def test_a_holder_that_is_refused_stops_nobody_else(federation: Federation) -> None:
    numeraire, refugee, lp = federation.numeraire, federation.investor, federation.lp
    sources = [*[token.address for token in federation.tokens], federation.pool.address]
    numeraire.refuse(refugee, True)
    with refused("account refused"):
        federation.tokens[0].claim(sender=refugee)
    owed = sum(s.claimable(refugee) for s in (*federation.tokens, federation.pool))
    others = federation.pool.claimable(lp)
    assert federation.orchestrator.claim_many(sources, [refugee, lp]) == others > 0
    assert sum(s.claimable(refugee) for s in (*federation.tokens, federation.pool)) == owed
    # It keeps what it has earned, and its tokens can still be sold by whoever it sends them to.
    federation.tokens[0].transfer(lp, 10**16, sender=refugee)
    numeraire.refuse(refugee, False)
    assert federation.orchestrator.claim_many(sources, [refugee]) == owed


def test_an_lp_that_is_refused_leaves_to_another_address(federation: Federation) -> None:
    federation.numeraire.refuse(federation.investor, True)
    with refused("account refused"):
        federation.remove(federation.investor, 10**12)
    amounts = federation.pool.remove_liquidity(
        10**12, [0] * 4, federation.attacker, FOREVER, sender=federation.investor
    )
    assert federation.numeraire.balanceOf(federation.attacker) == amounts[0] > 0
    federation.pool.remove_single_asset(
        1, 10**12, 0, federation.investor, FOREVER, sender=federation.investor
    )


def test_a_refused_federator_stops_no_round_and_no_ruling(federation: Federation) -> None:
    court = federation.challenges
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 1, 1])
    bond = federation.challenge(federation.clients[0])
    federation.numeraire.refuse(federation.federator, True)
    federation.pass_time(WINDOW)
    court.uphold_scores(2, sender=federation.arbiter_account)
    federation.scenario.finalize_round(2, packed([1, 1, 1]))
    with refused("account refused"):
        court.withdraw_bond()
    assert court.forfeited() == bond
    federation.numeraire.refuse(federation.federator, False)
    assert court.withdraw_bond() == bond


def test_a_refused_challenger_stops_no_ruling_and_no_other(federation: Federation) -> None:
    court, (first, second, _) = federation.challenges, federation.clients
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 1, 1])
    bond = federation.challenge(first)
    federation.challenge(second)
    federation.numeraire.refuse(first, True)
    federation.pass_time(WINDOW)
    court.replace_scores(2, packed([1, 2, 3]), EVIDENCE, sender=federation.arbiter_account)
    federation.scenario.finalize_round(2, packed([1, 2, 3]))
    assert court.withdraw_challenge_bond(2, second) == bond
    with refused("account refused"):
        court.withdraw_challenge_bond(2, first)
    assert court.staked() == 2 * bond
    federation.numeraire.refuse(first, False)
    assert court.withdraw_challenge_bond(2, first) == 2 * bond


def test_a_pool_that_has_less_than_its_books_takes_nothing_in(federation: Federation) -> None:
    """A rebase downwards: no deposit fills the hole for others; who leaves is paid while it lasts."""
    pool, investor = federation.pool, federation.investor
    federation.numeraire.shrink(pool, 1)
    for call in (
        lambda: federation.swap(investor, 0, 1, 10**9),
        lambda: federation.add(investor, 10**12),
        lambda: pool.add_single_asset(0, 10**9, 0, FOREVER, sender=investor),
    ):
        with refused("numeraire took a fee or rebased"):
            call()
    assert federation.swap(investor, 1, 0, 10**15) > 0
    federation.remove(investor, 10**12)
    # Whole again, it trades again.
    federation.numeraire.mint(pool, 1)
    assert federation.swap(investor, 0, 1, 10**9) > 0


def test_a_rebase_upwards_belongs_to_nobody(federation: Federation) -> None:
    books, quote = federation.balances(), federation.pool.quote_exact_in(0, 1, 10**9)
    for where in (federation.pool, federation.scenario, federation.challenges):
        federation.numeraire.mint(where, 10**9)
    assert federation.balances() == books
    assert federation.pool.quote_exact_in(0, 1, 10**9) == quote
    assert federation.scenario.escrow() == federation.budget * 3 // 4
    assert federation.challenges.bond() == federation.bond
