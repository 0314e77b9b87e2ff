"""Who is paid: those who hold when a round opens, or those who hold when it is paid."""

import pytest

from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.model.terms import DAY

AT_PAYMENT = [name for name, curve in CURVES.items() if curve.record_at == "payment"]
AT_OPENING = [name for name, curve in CURVES.items() if curve.record_at == "opening"]


def test_each_rule_is_somebodys():
    assert AT_PAYMENT == ["constant-mean", "clock-settlement", "pairs", "cum-reward"]


@pytest.mark.parametrize("curve", AT_PAYMENT)
def test_at_settlement_the_reward_is_of_who_holds_at_the_payment(opened, curve):
    market = opened(curve)
    market.transfer("a", "investor", 1, 100_000.0)
    market.open_round()
    market.transfer("investor", "rich", 1, 100_000.0)
    market.pay_round([1, 0, 0])
    # A tenth of the supply, of a pot of 200,000.
    assert market.claimable("investor") == 0
    assert market.claimable("rich") == pytest.approx(20_000, rel=1e-12)
    # The next owner earns from the next round on.
    market.transfer("rich", "investor", 1, 100_000.0)
    market.open_round()
    market.pay_round([1, 0, 0])
    assert market.claimable("investor") == pytest.approx(20_000, rel=1e-12)
    assert market.claim("rich") == pytest.approx(20_000, rel=1e-12)
    assert market.claimable("rich") == 0


@pytest.mark.parametrize("curve", AT_OPENING)
def test_by_record_date_the_reward_is_of_who_held_at_the_opening(opened, curve):
    market = opened(curve)
    market.transfer("a", "investor", 1, 100_000.0)
    market.open_round()
    market.transfer("investor", "rich", 1, 100_000.0)
    market.pay_round([1, 0, 0])
    assert market.claimable("investor") == pytest.approx(20_000, rel=1e-12)
    assert market.claimable("rich") == 0


@pytest.mark.parametrize("curve", [name for name in AT_PAYMENT if name != "cum-reward"])
def test_at_settlement_the_pools_own_reward_is_of_its_books_and_lps_then(opened, curve):
    market = opened(curve)
    market.open_round()
    market.swap_exact_in("rich", NUMERAIRE, 1, 5_000.0, 0.0)
    held = market.reserves()[1]
    part = market.lp_shares("lp") / market.lp_supply()
    market.remove_liquidity("lp", market.lp_shares("lp") / 2)
    market.transfer("lp", "investor", 1, 1e9)
    market.pay_round([1, 0, 0])
    assert held < 200_000
    # What the LP still has of the pool; the tokens that it left with are another's by now.
    assert market.claimable("lp") == pytest.approx(0.2 * held * part / 2, rel=1e-9)


def test_the_open_pot_is_pending_until_it_is_paid(opened):
    settled, recorded = opened("clock-settlement"), opened("clock")
    assert settled.pending() == 0
    for market in (settled, recorded):
        market.open_round()
    assert settled.pending() == pytest.approx(200_000)
    assert recorded.pending() == 0
    settled.pay_round([1, 1, 1])
    assert settled.pending() == 0


def test_a_late_client_at_settlement_earns_from_the_next_round_on(opened):
    market = opened("clock-settlement", late_joins=True)
    market.federation.holdings.wallets["late"] = 800_000.0
    market.open_round()
    assert market.join_late("late", 50_000.0) == 3
    market.pay_round([1, 1, 1])
    assert market.claimable("late") == 0
    market.open_round()
    pot = market.pot()
    market.pay_round([0, 0, 0, 1])
    # Its own four fifths, and the pool's fifth by its LP shares; a hair is locked.
    assert market.claimable("late") == pytest.approx(pot, rel=1e-6)
    # What changes hands in the open round is paid to its new owner, LP shares too.
    market.transfer("late", "investor", 4, 10.0)
    market.remove_liquidity("late", 1.0, 1)
    market.open_round()
    market.transfer("late", "rich", 4, 100_000.0)
    market.remove_liquidity("late", 200.0, 1)
    market.pay_round([0, 0, 0, 1])
    assert market.claimable("rich") == pytest.approx(0.1 * pot, rel=1e-9)
    assert market.claimable("late") == pytest.approx(1.9 * pot, rel=1e-4)


def test_a_round_without_scores_is_paid_at_settlement_too(opened):
    market = opened("constant-mean")
    market.open_round()
    market.transfer("a", "rich", 1, 300_000.0)
    market.advance_time(7 * DAY)
    market.pay_without_scores()
    # A third of the pot and of a quarter of it from the bond, on three tenths of the supply.
    assert market.claimable("rich") == pytest.approx(0.3 * 250_000 / 3, rel=1e-12)
