"""Rounds of the model: pots, scores, bonds, top-ups, late clients, and refusals out of turn."""

import pytest

from wallstreetfeds.sim.market import NUMERAIRE, Refused
from wallstreetfeds.sim.model.federation import Client, Federation
from wallstreetfeds.sim.model.terms import DAY, Terms


def money(market):
    """All numeraire: in wallets, pools, escrow, pot, bond, and what is owed."""
    federation = market.federation
    holders = set(federation.holdings.wallets)
    for accounts in federation._sources():
        holders |= set(accounts)
    return (
        sum(federation.holdings.wallets.values())
        + sum(pool.reserves[0] for pool in federation.pools)
        + federation.rounds.escrow
        + federation.rounds.pot
        + federation.rounds.court.bond
        + federation.rounds.court.forfeited
        + federation.rounds.court.staked
        + sum(federation.claimable(holder) for holder in holders)
    )


def play(market, *scores):
    market.open_round()
    market.pay_round(scores)


def test_a_uniform_schedule_pays_equal_pots_and_the_escrow_runs_out(market):
    for number in range(1, 5):
        assert market.open_round() == number
        assert market.pot() == pytest.approx(250_000)
        market.pay_round([1, 1, 1])
    assert market.escrow() == market.remaining() == market.pot() == 0
    assert market.spot_price(1) == 0


def test_a_listed_schedule_pays_its_parts(made):
    market = made(schedule=(500_000.0, 300_000.0, 150_000.0, 50_000.0))
    pots = []
    for _ in range(4):
        market.open_round()
        pots.append(market.pot())
        market.pay_round([])
    assert pots == pytest.approx([500_000, 300_000, 150_000, 50_000])


def test_scores_split_the_pot_and_zeros_split_it_by_supply(made):
    market = made([Client("a"), Client("b", supply=3_000_000.0)])
    play(market, 1, 3)
    play(market, 0, 0)
    assert market.reward_shares().tolist() == [[0.25, 0.75], [0.25, 0.75]]


def test_a_top_up_grows_pots_and_moves_no_price(market):
    before = market.spot_prices()
    market.top_up("rich", 100_000.0)
    assert market.spot_prices().tolist() == before.tolist()
    market.open_round()
    assert market.pot() == pytest.approx(275_000)
    assert market.balance_of("rich", NUMERAIRE) == 400_000


def test_a_round_without_scores_is_split_by_the_past_with_a_slice_of_the_bond(market):
    assert market.bond() == 250_000
    play(market, 2, 1, 1)
    market.open_round()
    with pytest.raises(Refused, match="the deadline has not passed"):
        market.pay_without_scores()
    market.advance_time(7 * DAY)
    with pytest.raises(Refused, match="the deadline has passed"):
        market.pay_round([1, 1, 1])
    market.pay_without_scores()
    assert market.bond() == 187_500
    assert market.reward_shares()[1].tolist() == [0.5, 0.25, 0.25]
    assert market.federation.rounds.rewards[1] == pytest.approx([156_250, 78_125, 78_125])


def test_the_bond_returns_after_the_last_round_and_not_before(market):
    assert market.withdraw_bond() == 0
    for _ in range(4):
        play(market, 1, 1, 1)
    assert market.withdraw_bond() == 250_000
    assert market.withdraw_bond() == 0


def test_a_late_client_brings_its_part_of_the_escrow_and_a_pool_of_its_own(made):
    market = made(late_joins=True)
    play(market, 1, 1, 1)
    before = market.federation.claimable("a")
    assert market.join_late("late", 10_000.0) == 3
    assert market.balance_of("late", NUMERAIRE) == 500_000 - 250_000 - 10_000
    assert market.escrow() == 1_000_000
    assert market.spot_price(4) == pytest.approx(0.25)
    assert market.reserves()[4] == 0
    market.swap_exact_in("investor", NUMERAIRE, 4, 100.0, 0.0)
    with pytest.raises(Refused, match="different pools"):
        market.swap_exact_in("investor", 4, 1, 10.0, 0.0)
    play(market, 1, 1, 1, 3)
    assert market.reward_shares()[:, 3].tolist() == [0, 0.5]
    assert market.federation.claimable("a") > before
    # What the pool of its own earned is its LPs': the late client's, but for the shares locked.
    assert market.claimable("late") == pytest.approx(
        333_333.33 / 2 * (1 - market.balance_of("investor", 4) / 1e6), rel=1e-6
    )


def test_a_late_join_that_cannot_open_its_pool_changes_nothing(made):
    market = made(late_joins=True)
    before = (market.escrow(), market.balance_of("late", NUMERAIRE), market.clients)
    with pytest.raises(Refused, match="numeraire outside its domain"):
        market.join_late("late", 1e-3)
    with pytest.raises(Refused, match="balance too small"):
        market.join_late("late", 400_000.0)
    assert (market.escrow(), market.balance_of("late", NUMERAIRE), market.clients) == before


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([10**9, 1, 0], "sum of scores above 10"),
        ([9, 1, 0], "score above the cap"),
        ([1, 1, 1, 1], "a score without a client"),
    ],
)
def test_scores_that_the_contracts_refuse_are_refused(made, scores, reason):
    market = made(score_cap=1.5)
    market.open_round()
    with pytest.raises(Refused, match=reason):
        market.pay_round(scores)
    market.pay_round([5, 5, 0])


def test_a_score_that_is_no_whole_number_is_a_mistake_and_says_so(market):
    market.open_round()
    with pytest.raises(ValueError, match="integers of at least 0"):
        market.pay_round([0.5, 1, 1])


def test_rounds_open_one_at_a_time_and_strangers_wait(market):
    federation = market.federation
    with pytest.raises(Refused, match="not the federator, not overdue"):
        federation.open_round("stranger")
    market.advance_time(7 * DAY)
    assert federation.open_round("stranger") == 1
    with pytest.raises(Refused, match="the open round is not finalised"):
        market.open_round()
    with pytest.raises(Refused, match="no scores submitted"):
        federation.finalize_round()


def test_no_money_appears_or_is_lost(made):
    market = made(late_joins=True)
    before = money(market)
    play(market, 3, 1, 0)
    market.swap_exact_in("investor", NUMERAIRE, 1, 5_000.0, 0.0)
    market.swap_exact_in("a", 1, 2, 20_000.0, 0.0)
    market.join_late("late", 20_000.0)
    market.top_up("rich", 1_000.0)
    market.add_single_asset("investor", NUMERAIRE, 10_000.0, 0.0)
    market.open_round()
    market.advance_time(7 * DAY)
    market.pay_without_scores()
    for name in ("a", "investor", "lp", "late"):
        market.claim(name)
        market.remove_liquidity(name, 1e9) if market.lp_vested(name) else None
    # Rewards of locked LP shares belong to nobody: a millionth of a share of 1,000.
    assert money(market) == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"budget": 0.0}, "budget has to be between"),
        ({"budget": float("nan")}, "budget has to be between"),
        ({"rounds": 0}, "rounds has to be between"),
        ({"listed": 0.9, "retained": 0.2}, "parts of one supply"),
        ({"swap_fee": 0.3}, "swap_fee has to be between"),
        ({"opening_fee": 0.001}, "opening_fee has to be between"),
        ({"opening_period": 60}, "opening_period has to be between"),
        ({"bond": 2e6}, "bond has to be between"),
        ({"schedule": (1e6,)}, "one part a round"),
        ({"schedule": (1e5, 2e5, 3e5, 4e5)}, "must not increase"),
        ({"schedule": (4e5, 3e5, 2e5, 2e5)}, "the budget is"),
        ({"schedule": (998_000.0, 1e3, 900.0, 100.0)}, "a 256th of the budget"),
    ],
)
def test_terms_outside_the_contracts_domain_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        Terms(**{"budget": 1e6, "rounds": 4} | changed)


def test_a_federation_needs_clients_and_money_that_exists():
    terms = Terms(budget=1e6, rounds=4)
    with pytest.raises(ValueError, match="at least one client"):
        Federation(terms, [], {"lp": 1.0})
    with pytest.raises(ValueError, match="at least 0, investor has -1"):
        Federation(terms, [Client("a")], {"lp": 1.0}, {"investor": -1.0})
    with pytest.raises(Refused, match="provider without a deposit"):
        Federation(terms, [Client("a")], {"lp": 1.0, "nobody": 0.0})
    with pytest.raises(Refused, match="already joined"):
        Federation(terms, [Client("a"), Client("a")], {"lp": 1.0})
