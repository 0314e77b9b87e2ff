"""What a run tells while it goes, and what follows from its records."""

import pytest

from wallstreetfeds.chain import Scenario
from wallstreetfeds.records import Claimed, LiquidityRemoved
from wallstreetfeds.units import TOKEN

UNIT = 10**6


def lp_shares(run, provider):
    """Share of the whole pool that a provider opened with, from its exit."""
    left = next(r for r in run.result.records if isinstance(r, LiquidityRemoved) and r.provider == provider)
    return left.shares / (1000 * TOKEN), left


def provider(run, name):
    return run.session.account(name).address


def test_an_observer_hears_of_the_opening_and_every_round(run):
    assert run.notes.rounds == [1, 2, 3]
    opening = run.notes.opening
    assert opening.names == ("lender-01", "lender-02", "lender-03")
    assert opening.qualities == tuple(c.quality for c in run.result.clients)
    assert opening.scenario == run.result.scenario
    assert opening.budget == 1_000_000
    assert run.notes.stages[0] == "Splitting the data"


def test_rewards_are_split_to_the_unit(run):
    scenario = Scenario(run.session, run.result.scenario)
    for k, client in enumerate(run.result.clients):
        parts = (client.reward_client, client.reward_investors, client.reward_providers)
        assert all(part >= 0 for part in parts)
        assert sum(parts) == client.reward == scenario.history(k, 3) * scenario.quantum()
        assert client.reward == sum(round_.rewards[k] for round_ in run.result.series)


def test_what_a_client_kept_is_what_it_claimed_from_its_own_token(run):
    for client in run.result.clients:
        claimed = sum(
            record.amount
            for record in run.result.records
            if isinstance(record, Claimed)
            and record.contract == client.token
            and record.holder == client.address
        )
        assert claimed == client.reward_client


def test_the_pool_s_part_is_what_its_tokens_earned_at_the_record_dates(run):
    """The pool holds a fifth of every token at the opening, more or less as people trade."""
    total = sum(client.reward for client in run.result.clients)
    assert 0.1 < sum(client.reward_providers for client in run.result.clients) / total < 0.4


def test_holding_ends_with_the_deposit_and_a_fifth_of_all_rewards(run):
    assert run.result.liquidity.held[0] == pytest.approx(400_000, rel=1e-9)
    assert run.result.liquidity.provided[0] == run.result.liquidity.held[0]
    assert run.result.liquidity.held[-1] == pytest.approx(200_000 + 0.2 * 1_000_000, rel=1e-9)


@pytest.mark.parametrize("name", ["federator", "lp"])
def test_providing_ends_with_what_a_provider_really_took_out(run, name):
    share, left = lp_shares(run, provider(run, name))
    pool = left.contract
    claimed = sum(
        r.amount
        for r in run.result.records
        if isinstance(r, Claimed) and r.contract == pool and r.holder == left.provider
    )
    assert (left.amounts[0] + claimed) / UNIT == pytest.approx(
        share * run.result.liquidity.provided[-1], rel=1e-9
    )


def test_there_is_a_value_for_the_opening_the_first_trades_and_every_round(run):
    assert len(run.result.liquidity.provided) == len(run.result.liquidity.held) == 2 + 3


def test_prices_run_from_the_opening_to_nothing(run):
    for k, client in enumerate(run.result.clients):
        assert client.price_open == pytest.approx(1 / 3, rel=1e-9)
        assert client.price_last == run.result.series[-2].prices[k]
        assert client.fair_last == run.result.series[-2].fair[k]
        assert run.result.series[-1].prices[k] == run.result.series[-1].fair[k] == 0
