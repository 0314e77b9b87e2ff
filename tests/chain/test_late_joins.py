"""Top-ups, weighted supplies, late joiners and their pools through the SDK; the books always balance."""

import pytest

from wallstreetfeds.chain import ContractError, audit
from wallstreetfeds.chain.holdings import holdings
from wallstreetfeds.chain.schedule import proportional
from wallstreetfeds.records import LateMarketOpened, ToppedUp
from wallstreetfeds.units import TOKEN

UNLIMITED = 2**256 - 1
BUDGET = 1_000_000_007
ROOT = b"\x11" * 32
SUPPLIES = [10**18, 2 * 10**18, 3 * 10**18]


@pytest.fixture
def welcoming(founding, session):
    """Weighted supplies, a falling schedule, and late joins allowed; three rounds, the market open."""
    federation = founding(
        session, late_joins=True, schedule=proportional(BUDGET, [5, 3, 2]), supplies=SUPPLIES
    )
    federation.open()
    return federation


def balanced(federation):
    result = audit(federation.session, federation.scenario)
    assert result.discrepancies == ()
    return result


def join_late(federation, name="late", liquidity=0):
    """Somebody joins with the least top-up; returns its account and its token's number."""
    scenario, late = federation.scenario, federation.session.account(name)
    scenario.allow_clients([late.address], [10**18], sender=federation.federator)
    top_up = scenario.least_top_up(10**18)
    federation.numeraire.mint(late.address, top_up + liquidity, sender=federation.deployer)
    federation.numeraire.approve(scenario.address, top_up + liquidity, sender=late)
    scenario.join_late(top_up, liquidity, sender=late)
    return late, scenario.index_of(late.address)


def test_supplies_are_weighted(welcoming):
    scenario = welcoming.scenario
    assert [scenario.supply_of(k) for k in range(3)] == SUPPLIES
    assert [token.totalSupply() for token in scenario.tokens()] == SUPPLIES
    assert scenario.total_supply() == sum(SUPPLIES)
    assert scenario.allocation(welcoming.clients[2].address) == SUPPLIES[2]
    pot = scenario.pot() or BUDGET // 2
    welcoming.play([0, 0, 0])
    assert [units * 6 // pot for units in scenario.rewards([1])[0]] == pytest.approx([1, 2, 3], abs=1)
    balanced(welcoming)


def test_a_top_up_grows_the_pots_to_come(welcoming):
    scenario = welcoming.scenario
    welcoming.play([1, 1, 1])
    before = scenario.clock().rho
    receipt = scenario.top_up(10**8, sender=welcoming.lp)
    assert [e.amount for e in receipt.events if isinstance(e, ToppedUp)] == [10**8]
    assert scenario.clock().rho == before
    welcoming.play([1, 1, 1])
    assert balanced(welcoming).deposited == BUDGET + BUDGET // 2 + 1 + 10**8
    scenario.open_round(sender=welcoming.federator)
    with pytest.raises(ContractError, match="the market is not open"):
        scenario.top_up(1, sender=welcoming.lp)


def test_a_late_client_earns_from_the_next_round_on(welcoming):
    scenario = welcoming.scenario
    welcoming.play([1, 2, 3])
    scenario.open_round(sender=welcoming.federator)
    late, number = join_late(welcoming)
    assert (number, scenario.pool_count()) == (3, 1)
    scenario.submit_scores(2, [3, 2, 1], ROOT, sender=welcoming.federator)
    scenario.finalize_round(2, [3, 2, 1], sender=late)
    assert scenario.rewards([2])[0][3] == 0
    balanced(welcoming)
    welcoming.play([0, 0, 1, 1])
    assert scenario.token(3).claimable(late.address) > 0
    assert balanced(welcoming).claimed == 0


def test_a_top_up_too_small_is_refused(welcoming):
    late = welcoming.session.account("late")
    welcoming.scenario.allow_clients([late.address], [], sender=welcoming.federator)
    with pytest.raises(ContractError, match="top-up above the maximum"):
        welcoming.scenario.join_late(1, 0, sender=late)


def test_a_late_market_is_a_pool_of_its_own(welcoming):
    scenario, investor, numeraire = welcoming.scenario, welcoming.investor, welcoming.numeraire
    welcoming.play([1, 2, 3])
    late, number = join_late(welcoming, liquidity=10**8)
    shared, own = scenario.pools()
    assert shared.address == scenario.pool() == scenario.pool_at(0)
    assert own.asset_addresses() == [numeraire.address, scenario.token_at(number)]
    assert shared.asset_count() == 4
    balanced(welcoming)

    welcoming.session.advance_time(3600)
    numeraire.approve(own.address, UNLIMITED, sender=investor)
    bought = own.swap_exact_in(0, 1, 10**6, 1, investor.address, UNLIMITED, sender=investor).value
    welcoming.play([1, 1, 1, 3])
    assert own.harvested_units() > 0
    assert scenario.token(number).claimable(investor.address) > 0
    mine = holdings(scenario, investor.address)
    assert [held.contract for held in mine[-2:]] == [shared.address, own.address]
    assert (mine[number].client, mine[number].balance) == (number, bought)
    assert own.unvested(late.address) > 0
    balanced(welcoming)

    welcoming.play([1, 1, 1, 1])
    assert own.unvested(late.address) == 0
    shares = own.balanceOf(late.address)
    own.remove_liquidity(shares, [0, 0], late.address, UNLIMITED, sender=late)
    sources = [token.address for token in scenario.tokens()] + [shared.address, own.address]
    people = [late, investor, welcoming.lp, welcoming.federator, *welcoming.clients]
    holders = [person.address for person in people]
    paid = welcoming.orchestrator.claim_many(sources, holders, sender=investor).value
    result = balanced(welcoming)
    assert result.claimed == paid == scenario.paid() > 0
    assert result.claimable == 0
    assert result.dust + result.escrow < 300


def test_the_event_of_a_late_market(welcoming):
    welcoming.play([1, 2, 3])
    scenario, late = welcoming.scenario, welcoming.session.account("late")
    scenario.allow_clients([late.address], [10**18], sender=welcoming.federator)
    top_up = scenario.least_top_up(10**18)
    welcoming.numeraire.mint(late.address, top_up + 10**8, sender=welcoming.deployer)
    welcoming.numeraire.approve(scenario.address, UNLIMITED, sender=late)
    receipt = scenario.join_late(top_up, 10**8, sender=late)
    (event,) = [e for e in receipt.events if isinstance(e, LateMarketOpened)]
    assert (event.client, event.pool) == (late.address, scenario.pool_at(1))
    assert (event.listed_amount, event.numeraire_amount) == (2 * 10**17, 10**8)


def test_a_figure_of_a_late_pool_that_is_one_off_is_seen(welcoming, monkeypatch):
    welcoming.play([1, 2, 3])
    join_late(welcoming, liquidity=10**8)
    welcoming.play([1, 1, 1, 3])
    balanced(welcoming)
    own = type(welcoming.scenario.pools()[1])
    plain = own.harvested_units
    address = welcoming.scenario.pool_at(1)
    monkeypatch.setattr(own, "harvested_units", lambda self: plain(self) + (self.address == address))
    assert "reward units that pool 1 earned" in audit(welcoming.session, welcoming.scenario).discrepancies[0]


def test_what_a_client_keeps_falls_with_the_schedule(welcoming):
    token, client = welcoming.scenario.token(0), welcoming.clients[0]
    assert token.retained(client.address) == 200_000 * TOKEN
    assert token.retained(welcoming.investor.address) == 0
    with pytest.raises(ContractError, match="the client has to keep this part"):
        token.transfer(welcoming.lp.address, 600_000 * TOKEN + 1, sender=client)
    welcoming.play([1, 2, 3])
    assert token.retained(client.address) == pytest.approx(100_000 * TOKEN, rel=1e-6)
    token.transfer(welcoming.lp.address, 700_000 * TOKEN - 10**6, sender=client)
