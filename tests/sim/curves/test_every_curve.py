"""What holds for every curve: it is one market, nobody gains by going round, and no money appears."""

import numpy as np
import pytest

from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.market import NUMERAIRE, Refused, TradeRefused

FREE = {"swap_fee": 0.0, "opening_fee": 0.0}
SCORES = ([5, 3, 2], [0, 9, 1], [4, 4, 0], [1, 2, 7], [3, 3, 3])


@pytest.fixture(params=CURVES)
def curve(request):
    return request.param


def money(market):
    """Whole numeraire wherever it is: wallets, books, escrow, the open pot, claims, the bond."""
    federation = market.federation
    wallets = federation.holdings.wallets
    names = {*wallets, *(name for token in federation.holdings.tokens for name in token.accounts), "lp"}
    books = sum(pool.reserves[NUMERAIRE] for pool in federation.pools)
    claims = sum(market.claimable(name) for name in names)
    return sum(wallets.values()) + books + market.escrow() + market.pot() + claims + market.bond()


def walk(market, rng, trades):
    """Trade at random; returns how many trades were made."""
    made = 0
    for _ in range(trades):
        i, j = rng.choice(4, size=2, replace=False).tolist()
        who = str(rng.choice(["investor", "rich", "a", "b"]))
        amount = market.spendable(who, i) * float(10 ** rng.uniform(-4, -0.7))
        try:
            market.swap_exact_in(who, i, j, amount, 0.0)
        except TradeRefused:
            continue
        made += 1
    return made


@pytest.mark.parametrize("deposit", [50_000.0, 200_000.0, 300_000.0])
def test_every_token_opens_at_the_prior_price(opened, curve, deposit):
    assert opened(curve, deposit=deposit).spot_prices() == pytest.approx([1 / 3] * 3, rel=1e-12)


def test_a_small_trade_is_made_at_the_spot_price(opened, curve):
    market = opened(curve, **FREE)
    walk(market, np.random.default_rng(1), 20)
    price = market.spot_price(2)
    assert market.quote_exact_in(NUMERAIRE, 2, 1e-3) == pytest.approx(1e-3 / price, rel=1e-6)
    assert market.quote_exact_in(2, NUMERAIRE, 1e-2) == pytest.approx(1e-2 * price, rel=1e-6)
    assert market.quote_exact_in(1, 2, 1e-2) == pytest.approx(1e-2 * market.spot_price(1) / price, rel=1e-6)


@pytest.mark.parametrize(("i", "j"), [(0, 1), (1, 0)])
def test_without_a_fee_a_trade_in_pieces_is_the_trade_at_once(opened, curve, i, j):
    at_once, in_pieces = opened(curve, **FREE), opened(curve, **FREE)
    for market in (at_once, in_pieces):
        market.transfer("a", "rich", 1, 100_000.0)
        market.open_round()
        market.pay_round([2, 1, 1])
    whole = at_once.swap_exact_in("rich", i, j, 8_000.0, 0.0)
    pieces = [in_pieces.swap_exact_in("rich", i, j, 80.0, 0.0) for _ in range(100)]
    assert sum(pieces) == pytest.approx(whole, rel=1e-9)
    assert pieces == sorted(pieces, reverse=True)
    assert in_pieces.spot_prices() == pytest.approx(at_once.spot_prices(), rel=1e-9)


@pytest.mark.parametrize(("i", "j"), [(0, 1), (1, 0), (2, 3)])
@pytest.mark.parametrize("fee", [0.0, 0.01])
def test_exact_out_is_the_inverse_of_exact_in(opened, curve, i, j, fee):
    market = opened(curve, swap_fee=fee)
    walk(market, np.random.default_rng(2), 20)
    market.open_round()
    market.pay_round([2, 1, 1])
    for amount in (0.5, 900.0):
        given = market.quote_exact_in(i, j, amount)
        assert market.quote_exact_out(i, j, given) == pytest.approx(amount, rel=1e-9)


def test_what_was_quoted_is_what_is_given_and_taken(opened, curve):
    market = opened(curve)
    quoted = market.quote_exact_in(NUMERAIRE, 1, 2_000.0)
    assert market.swap_exact_in("rich", NUMERAIRE, 1, 2_000.0, quoted) == quoted
    assert market.balance_of("rich", 1) == quoted
    needed = market.quote_exact_out(1, 2, 50.0)
    assert market.swap_exact_out("rich", 1, 2, 50.0, needed) == needed
    assert market.balance_of("rich", 1) == quoted - needed
    assert market.balance_of("rich", 2) == 50


def test_buying_raises_the_price_and_selling_lowers_it(opened, curve):
    market = opened(curve)
    before = market.spot_price(1)
    market.swap_exact_in("rich", NUMERAIRE, 1, 3_000.0, 0.0)
    bought = market.spot_price(1)
    market.swap_exact_in("a", 1, NUMERAIRE, 30_000.0, 0.0)
    assert market.spot_price(1) < before < bought


def test_a_swap_of_two_tokens_moves_both_prices_the_right_way(opened, curve):
    market = opened(curve, **FREE)
    before = market.spot_prices()
    market.swap_exact_in("a", 1, 2, 8_000.0, 0.0)
    change = market.spot_prices() - before
    assert change[0] < 0 < change[1]
    assert abs(change[2]) < 0.1 * min(-change[0], change[1])


@pytest.mark.parametrize("seed", range(3))
def test_nobody_gains_by_a_round_trip_of_many_trades_without_a_fee(opened, curve, seed):
    market = opened(curve, retained=0.0, **FREE)
    rng = np.random.default_rng(seed)
    walk(market, rng, 30)
    market.open_round()
    market.pay_round(SCORES[seed])
    held = [market.balance_of("rich", asset) for asset in range(4)]
    for _ in range(40):
        i, j = rng.choice(4, size=2, replace=False).tolist()
        amount = market.balance_of("rich", i) * float(rng.uniform(0, 0.4))
        try:
            market.swap_exact_in("rich", i, j, amount, 0.0)
        except TradeRefused:
            continue
    # Back to the tokens it began with, in steps that are not too large.
    for _ in range(60):
        for asset in (1, 2, 3):
            missing = held[asset] - market.balance_of("rich", asset)
            step = min(abs(missing), 0.2 * market.reserves()[asset])
            try:
                if missing > 0:
                    market.swap_exact_out("rich", NUMERAIRE, asset, step, 1e9)
                elif missing < 0:
                    market.swap_exact_in("rich", asset, NUMERAIRE, step, 0.0)
            except TradeRefused:
                continue
    assert [market.balance_of("rich", k) for k in (1, 2, 3)] == pytest.approx(held[1:], abs=1e-5)
    assert market.balance_of("rich", NUMERAIRE) <= held[NUMERAIRE] * (1 + 1e-9)


def test_a_fee_makes_a_round_trip_cost(opened, curve):
    market = opened(curve, swap_fee=0.01)
    bought = market.swap_exact_in("rich", NUMERAIRE, 1, 1_000.0, 0.0)
    assert market.swap_exact_in("rich", 1, NUMERAIRE, bought, 0.0) == pytest.approx(1_000 * 0.99**2, rel=1e-3)


def test_a_proportional_join_and_exit_move_no_price_and_give_back_what_they_took(opened, curve):
    market = opened(curve)
    walk(market, np.random.default_rng(4), 20)
    for asset, client in enumerate("abc", start=1):
        market.transfer(client, "rich", asset, 60_000.0)
    prices, quoted = market.spot_prices(), market.quote_exact_in(1, NUMERAIRE, 100.0)
    amounts = market.add_liquidity("rich", 150.0)
    assert market.spot_prices() == pytest.approx(prices, rel=1e-12)
    assert market.quote_exact_in(1, NUMERAIRE, 100.0) > quoted
    assert market.remove_liquidity("rich", 150.0) == pytest.approx(amounts, rel=1e-12)
    assert market.spot_prices() == pytest.approx(prices, rel=1e-12)
    assert market.quote_exact_in(1, NUMERAIRE, 100.0) == pytest.approx(quoted, rel=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_no_money_appears_or_vanishes_in_a_whole_life(opened, curve, seed):
    market = opened(curve, swap_fee=0.003)
    rng = np.random.default_rng(seed)
    before, made = money(market), 0
    for number, scores in enumerate(SCORES, start=1):
        made += walk(market, rng, 15)
        market.open_round()
        if number < 5:
            made += walk(market, rng, 5)
        assert money(market) == pytest.approx(before, rel=1e-9)
        market.pay_round(scores)
        assert money(market) == pytest.approx(before, rel=1e-9)
        if number == 3:
            market.remove_liquidity("lp", 100.0)
    assert made > 50
    for name in ("investor", "rich", "lp", "a", "b", "c"):
        market.claim(name)
    for name in ("lp", "a", "b", "c"):
        market.remove_liquidity(name, 1e9)
    assert money(market) == pytest.approx(before, rel=1e-9)
    assert market.escrow() == market.pot() == 0
    # All but the locked millionth of a share has left.
    assert market.reserves() == pytest.approx(np.zeros(4), abs=0.01)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda m: m.swap_exact_in("rich", 0, 1, float("nan"), 0.0), "more than 30%"),
        (lambda m: m.swap_exact_in("rich", 0, 1, -1.0, 0.0), "too small"),
        (lambda m: m.swap_exact_in("rich", 1, 2, 10.0, 0.0), "too small"),
        (lambda m: m.quote_exact_in(0, 1, 1e12), "30%|range|empty"),
        (lambda m: m.quote_exact_in(1, 0, 1e12), "30%|range|empty|below 0"),
        (lambda m: m.quote_exact_in(1, 2, 1e12), "30%|range|empty|below 0"),
        (lambda m: m.quote_exact_out(0, 1, 1e12), "30%|empty"),
        (lambda m: m.quote_exact_out(1, 0, 1e12), "30%|empty"),
        (lambda m: m.quote_exact_out(1, 2, 1e12), "30%|empty|range"),
        (lambda m: m.quote_exact_out(1, 2, -1.0), "too small"),
        (lambda m: m.quote_exact_in(1, 1, 1.0), "one asset for itself"),
        (lambda m: m.swap_exact_in("rich", 0, 1, 10.0, 1e6), "below the minimum"),
    ],
)
def test_a_refused_trade_says_why_and_changes_nothing(opened, curve, call, reason):
    market = opened(curve)
    before = (market.reserves().tolist(), market.spot_prices().tolist(), money(market))
    with pytest.raises(TradeRefused, match=reason):
        call(market)
    assert (market.reserves().tolist(), market.spot_prices().tolist(), money(market)) == before


def test_one_asset_alone_joins_where_there_is_a_formula_and_is_refused_where_not(opened, curve):
    market = opened(curve)
    if curve in ("pairs", "clock-pairs", "lmsr", "cum-reward"):
        with pytest.raises(TradeRefused, match="no joins and exits with one asset"):
            market.add_single_asset("rich", NUMERAIRE, 100.0, 0.0)
        with pytest.raises(TradeRefused, match="no joins and exits with one asset"):
            market.remove_single_asset("lp", NUMERAIRE, 1.0, 0.0)
    else:
        shares = market.add_single_asset("rich", NUMERAIRE, 100.0, 0.0)
        assert 0 < market.remove_single_asset("rich", NUMERAIRE, shares, 0.0) < 100


def test_nothing_trades_once_the_last_round_has_opened(opened, curve):
    market = opened(curve, rounds=1)
    market.open_round()
    assert market.spot_prices().tolist() == [0, 0, 0]
    with pytest.raises(Refused, match="the last round has opened"):
        market.swap_exact_in("rich", NUMERAIRE, 1, 10.0, 0.0)
