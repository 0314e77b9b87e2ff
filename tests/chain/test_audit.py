"""I1 to I3 and I6 recomputed from events: always balanced, and any figure that is off by one is seen."""

import importlib
import random

import pytest

from wallstreetfeds.chain import Scenario, Session, audit
from wallstreetfeds.chain.abi import functions

UNLIMITED = 2**256 - 1
BUDGET = 1_000_000_007
BOND = 333_333_336
"""The largest of three pots: more than 2 % of the budget."""


def balanced(federation, block=None):
    result = audit(federation.session, federation.scenario, block=block)
    assert result.discrepancies == ()
    assert result.balanced
    parts = result.escrow + result.claimed + result.claimable + result.bonds + result.dust
    assert result.deposited == parts
    return result


def claim_everything(federation):
    scenario = federation.scenario
    people = [federation.federator, federation.lp, federation.investor, *federation.clients]
    for contract in (*scenario.tokens(), scenario.market()):
        for person in people:
            contract.claim_for(person.address, sender=federation.deployer)


def test_before_the_opening_and_with_deposits(federation):
    assert balanced(federation).escrow == BUDGET
    assert balanced(federation).bonds == BOND
    federation.join()
    federation.scenario.deposit_numeraire(77, sender=federation.lp)
    federation.scenario.withdraw_tokens(sender=federation.clients[0])
    assert balanced(federation).escrow == BUDGET


def test_cancelled(federation):
    federation.join()
    federation.scenario.deposit_numeraire(77, sender=federation.lp)
    federation.scenario.cancel(sender=federation.federator)
    assert balanced(federation).deposited == BUDGET + BOND
    federation.scenario.withdraw_budget(sender=federation.federator)
    assert balanced(federation).deposited == 0
    federation.scenario.withdraw_numeraire(sender=federation.lp)
    assert balanced(federation).escrow == 0


def test_in_every_state_of_a_round(federation):
    federation.open()
    balanced(federation)
    federation.buy(1, 10**7)
    federation.scenario.open_round(sender=federation.federator)
    balanced(federation)
    federation.buy(2, 10**7)
    federation.scenario.submit_scores(1, [5, 3, 2], b"\0" * 32, sender=federation.federator)
    assert balanced(federation).claimable == 0
    federation.scenario.finalize_round(1, [5, 3, 2], sender=federation.federator)
    assert balanced(federation).claimable > 0
    federation.scenario.token(0).claim(sender=federation.investor)
    assert balanced(federation).claimed > 0


def test_at_maturity_after_exits_nothing_but_dust_is_left(federation):
    federation.open()
    federation.buy(1, 10**7)
    for scores in ([5, 3, 2], [0, 0, 0], [1, 0, 1]):
        federation.play(scores)
    pool = federation.scenario.market()
    for lp in (federation.federator, federation.lp, *federation.clients):
        pool.remove_liquidity(pool.balanceOf(lp.address), [0] * 4, lp.address, UNLIMITED, sender=lp)
    balanced(federation)
    claim_everything(federation)
    result = balanced(federation)
    assert result.claimable == 0
    assert 0 < result.dust < 200


def test_liquidity_that_comes_and_goes_around_a_record_date(federation):
    federation.open()
    pool, lp, scenario = federation.scenario.market(), federation.lp, federation.scenario
    for token in scenario.tokens():
        token.approve(pool.address, UNLIMITED, sender=lp)
    for asset in (1, 2, 3):
        pool.swap_exact_in(0, asset, 10**7, 1, lp.address, UNLIMITED, sender=lp)
    scenario.open_round(sender=federation.federator)
    pool.add_liquidity(10**13, [2**111] * 4, UNLIMITED, sender=lp)
    pool.transfer(federation.investor.address, 10**12, sender=lp)
    scenario.submit_scores(1, [1, 2, 3], b"\0" * 32, sender=federation.federator)
    scenario.finalize_round(1, [1, 2, 3], sender=federation.federator)
    balanced(federation)
    pool.remove_liquidity(10**13, [0] * 4, lp.address, UNLIMITED, sender=lp)
    federation.play([4, 4, 4])
    assert balanced(federation).claimable > 0


def test_gifts_to_contracts(federation):
    federation.open(listed=2)
    scenario, numeraire = federation.scenario, federation.numeraire
    pool = scenario.market()
    for number, client in enumerate(federation.clients):
        token = scenario.token(number)
        for receiver in (pool.address, token.address, scenario.address):
            token.transfer(receiver, 10**15 + number, sender=client)
    pool.transfer(pool.address, 10**10, sender=federation.lp)
    numeraire.transfer(scenario.address, 12_345, sender=federation.investor)
    numeraire.transfer(pool.address, 54_321, sender=federation.investor)
    before = balanced(federation)
    federation.play([5, 3, 2])
    result = balanced(federation)
    assert result.dust > before.dust + 1000
    assert scenario.token(2).claim_for(pool.address, sender=federation.investor).value > 0
    claim_everything(federation)
    balanced(federation)


def test_large_budgets_are_paid_in_reward_units(founding):
    federation = founding(Session.embedded(1), budget=10**24 + 12_345)
    assert federation.scenario.quantum() > 1
    federation.open()
    federation.buy(1, 10**22)
    for scores in ([5, 3, 2], [1, 1, 1], [0, 0, 9]):
        federation.play(scores)
    claim_everything(federation)
    result = balanced(federation)
    assert result.escrow + result.dust < 1000 * federation.scenario.quantum()


def test_a_past_block(federation):
    federation.open()
    federation.play([5, 3, 2])
    then, at = balanced(federation), federation.session.block_number()
    federation.play([1, 1, 1])
    claim_everything(federation)
    assert balanced(federation, at) == then != balanced(federation)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_lives(seed, founding):
    rng = random.Random(seed)
    federation = founding(Session.embedded(seed), clients=4, rounds=4)
    federation.open(listed=3)
    pool, scenario = federation.scenario.market(), federation.scenario
    people = [federation.investor, federation.lp, *federation.clients]
    for person in people:
        for token in scenario.tokens():
            token.approve(pool.address, UNLIMITED, sender=person)

    def spare(token, person):
        kept = token.unvested if token.address == pool.address else token.retained
        return token.balanceOf(person.address) - kept(person.address)

    def trade():
        person, asset = rng.choice(people), rng.randint(1, 3)
        held = spare(scenario.token(asset - 1), person) // 5000
        if held > 10**9:
            pool.swap_exact_in(asset, 0, held, 1, person.address, UNLIMITED, sender=person)
        else:
            federation.buy(asset, rng.randint(10**4, 10**5))

    def send():
        person, token = rng.choice(people), rng.choice([*scenario.tokens(), pool])
        amount = spare(token, person) * rng.randint(0, 3) // 7
        token.transfer(rng.choice(people).address, amount, sender=person)

    def leave():
        person = rng.choice(people)
        shares = spare(pool, person) // 3
        if shares:
            pool.remove_liquidity(shares, [0] * 4, person.address, UNLIMITED, sender=person)

    def claim():
        rng.choice([*scenario.tokens(), pool]).claim(sender=rng.choice(people))

    def act(times, *steps):
        for _ in range(times):
            rng.choice(steps)()

    for round_ in (1, 2, 3, 4):
        act(3, trade, send, leave, claim)
        scenario.open_round(sender=federation.federator)
        act(3, send, leave, claim, *([trade] if round_ < 4 else []))
        scores = [rng.randint(0, 9) for _ in range(4)]
        scenario.submit_scores(round_, scores, b"\0" * 32, sender=federation.federator)
        scenario.finalize_round(round_, scores, sender=federation.federator)
        balanced(federation)


@pytest.mark.parametrize(
    ("contract", "view", "arguments"),
    [
        ("Scenario", "escrow", []),
        ("Scenario", "paid", []),
        ("Scenario", "total_numeraire_deposit", []),
        ("Scenario", "supply_of", [1]),
        ("Scenario", "total_supply", []),
        ("Challenges", "bond", []),
        ("Challenges", "forfeited", []),
        ("Challenges", "staked", []),
        ("Pool", "totalSupply", []),
        ("Pool", "balance_of_asset", [1]),
        ("Pool", "claimable", ["lp"]),
        ("Pool", "harvested_units", []),
        ("ClientToken", "claimable", ["investor"]),
        ("ClientToken", "balanceOf", ["investor"]),
        ("ClientToken", "totalSupply", []),
        ("DemoNumeraire", "balanceOf", ["scenario"]),
        ("DemoNumeraire", "balanceOf", ["challenges"]),
    ],
)
def test_a_figure_that_is_one_unit_off_is_seen(federation, monkeypatch, contract, view, arguments):
    federation.open()
    federation.buy(1, 10**7)
    federation.play([5, 3, 2])
    balanced(federation)
    addresses = {
        "lp": federation.lp.address,
        "investor": federation.investor.address,
        "scenario": federation.scenario.address,
        "challenges": federation.scenario.challenges(),
    }
    lie = functions(contract)[view].encode([addresses.get(a, a) for a in arguments])
    plain = Session.read_many

    def lying(self, calls, *, block=None):
        answers = plain(self, calls, block=block)
        return [
            (int.from_bytes(answer) + 1).to_bytes(32)
            if (call.contract, call.data) == (contract, lie)
            else answer
            for call, answer in zip(calls, answers, strict=True)
        ]

    monkeypatch.setattr(Session, "read_many", lying)
    result = audit(federation.session, federation.scenario)
    assert not result.balanced
    assert "difference 1)" in " ".join(result.discrepancies)


def test_a_hidden_event_is_seen(federation, monkeypatch):
    federation.open()
    federation.buy(1, 10**7)
    federation.play([5, 3, 2])
    # The package's `audit` is the function; this is the module it lives in.
    module = importlib.import_module("wallstreetfeds.chain.audit")
    plain = module.read_events
    monkeypatch.setattr(module, "read_events", lambda *a, **k: plain(*a, **k)[:-1])
    assert not audit(federation.session, federation.scenario).balanced


def test_wrapped_scenario_that_reports_one_unit_more(federation):
    class Generous(Scenario):
        def escrow(self):
            return super().escrow() + 1

    federation.open()
    result = audit(federation.session, Generous(federation.session, federation.scenario.address))
    assert not result.balanced
    assert any("escrow" in sentence for sentence in result.discrepancies)
