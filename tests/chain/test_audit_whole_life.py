"""Lives with everything at once: schedules, supplies, top-ups, late pools, bonds, rulings, lost rounds."""

import importlib
import random

import pytest

from wallstreetfeds.chain import ContractError, Session, audit
from wallstreetfeds.chain.abi import functions
from wallstreetfeds.chain.schedule import proportional
from wallstreetfeds.records import Challenged

UNLIMITED = 2**256 - 1
ROOT, WHY = b"\x11" * 32, b"\x33" * 32
DAY = 86_400
WINDOW, PERIOD = 3600, 7200
SUPPLIES = [10**18, 3 * 10**18, 2 * 10**18]
ROUNDS = 6


class Life:
    """A federation with every feature, and people who do what comes to their mind."""

    def __init__(self, federation, seed):
        self.federation = federation
        self.scenario = federation.scenario
        self.court = federation.scenario.court()
        self.rng = random.Random(seed)
        self.people = [federation.investor, federation.lp, *federation.clients]
        self.done = self.refused = 0

    def equip(self, person):
        federation = self.federation
        federation.numeraire.mint(
            person.address, federation.scenario.terms().budget, sender=federation.deployer
        )
        pools = [pool.address for pool in self.scenario.pools()]
        for spender in (self.scenario.address, self.court.address, *pools):
            federation.numeraire.approve(spender, UNLIMITED, sender=person)
        for token in self.scenario.tokens():
            for pool in pools:
                token.approve(pool, UNLIMITED, sender=person)

    def equip_all(self):
        for person in self.people:
            self.equip(person)

    # --- what people do ---

    def act(self, times, *steps):
        for _ in range(times):
            try:
                self.rng.choice(steps)()
                self.done += 1
            except ContractError:
                self.refused += 1

    def trade(self):
        pool, person = self.rng.choice(self.scenario.pools()), self.rng.choice(self.people)
        asset = self.rng.randrange(1, pool.asset_count())
        if self.rng.random() < 0.6:
            amount = pool.balance_of_asset(0) // self.rng.randint(10, 100)
            pool.swap_exact_in(0, asset, amount, 1, person.address, UNLIMITED, sender=person)
        else:
            amount = pool.balance_of_asset(asset) // 50
            pool.swap_exact_in(asset, 0, amount, 1, person.address, UNLIMITED, sender=person)

    def send(self):
        token = self.rng.choice([*self.scenario.tokens(), *self.scenario.pools()])
        sender, receiver = self.rng.choice(self.people), self.rng.choice(self.people)
        amount = token.balanceOf(sender.address) // self.rng.randint(3, 9)
        token.transfer(receiver.address, amount, sender=sender)

    def join_pool(self):
        pool, person = self.rng.choice(self.scenario.pools()), self.rng.choice(self.people)
        asset = self.rng.randrange(pool.asset_count())
        amount = pool.balance_of_asset(asset) // 40
        pool.add_single_asset(asset, amount, 1, UNLIMITED, sender=person)

    def leave_pool(self):
        pool, person = self.rng.choice(self.scenario.pools()), self.rng.choice(self.people)
        shares, assets = pool.balanceOf(person.address) // 5, pool.asset_count()
        if self.rng.random() < 0.5:
            pool.remove_liquidity(shares, [0] * assets, person.address, UNLIMITED, sender=person)
        else:
            asset = self.rng.randrange(assets)
            pool.remove_single_asset(asset, shares, 1, person.address, UNLIMITED, sender=person)

    def claim(self):
        source = self.rng.choice([*self.scenario.tokens(), *self.scenario.pools()])
        source.claim(sender=self.rng.choice(self.people))

    def top_up(self):
        amount = self.federation.scenario.terms().budget // self.rng.randint(20, 90)
        self.scenario.top_up(amount, sender=self.federation.lp)

    def join_late(self):
        scenario, late = self.scenario, self.federation.session.account(f"late {len(self.people)}")
        supply = self.rng.choice(SUPPLIES)
        self.people.append(late)
        self.equip(late)
        scenario.allow_clients([late.address], [supply], sender=self.federation.federator)
        budget = scenario.terms().budget
        liquidity = self.rng.choice([0, budget // 10])
        scenario.join_late(scenario.least_top_up(supply), liquidity, sender=late)
        self.equip_all()

    # --- rounds ---

    def scores(self, count):
        parts = [self.rng.randint(3, 6) for _ in range(count)]
        if self.rng.random() < 0.2:
            return [0] * count
        return parts

    def round(self, number):
        scenario, session, federator = self.scenario, self.federation.session, self.federation.federator
        fun = (self.trade, self.send, self.join_pool, self.leave_pool, self.claim)
        self.act(4, *fun, self.top_up)
        partaking = scenario.client_count()
        scenario.open_round(sender=federator)
        self.act(4, *fun)
        if number in (2, 4):
            self.join_late()
        end = self.rng.choice(["quiet", "silence", "upheld", "replaced", "lost"])
        if number <= 4:
            # Every seed has each of them.
            end = ["silence", "lost", "replaced", "upheld"][number - 1]
        if end == "lost":
            session.advance_time(7 * DAY)
            scenario.finalize_without_scores(number, sender=self.federation.lp)
            return
        scores = self.scores(partaking)
        scenario.submit_scores(number, scores, ROOT, sender=federator)
        if end != "quiet":
            for challenger in self.rng.sample(self.federation.clients, 2):
                self.court.challenge(number, 0, WHY, sender=challenger)
        self.balanced()
        session.advance_time(WINDOW)
        if end == "upheld":
            self.court.uphold_scores(number, sender=self.federation.arbiter)
        elif end == "replaced":
            scores = self.scores(partaking)
            self.court.replace_scores(number, scores, ROOT, sender=self.federation.arbiter)
        else:
            session.advance_time(PERIOD)
        self.balanced()
        scenario.finalize_round(number, scores, sender=self.federation.lp)
        if end in ("replaced", "silence"):
            for client in self.federation.clients:
                if self.court.bond_of(number, client.address):
                    self.court.withdraw_challenge_bond(number, client.address, sender=client)
        if self.rng.random() < 0.5:
            self.court.withdraw_bond(sender=federator)

    def balanced(self):
        result = audit(self.federation.session, self.scenario)
        assert result.discrepancies == ()
        parts = result.escrow + result.claimed + result.claimable + result.bonds + result.dust
        assert result.deposited == parts
        return result


@pytest.fixture
def begin(founding):
    def begin(seed, budget=1_000_000_007):
        federation = founding(
            Session.embedded(seed),
            rounds=ROUNDS,
            budget=budget,
            schedule=proportional(budget, [9, 7, 7, 4, 3, 1]),
            supplies=SUPPLIES,
            late_joins=True,
            challenge_window=WINDOW,
            ruling_period=PERIOD,
        )
        federation.open()
        life = Life(federation, seed)
        life.equip_all()
        return life

    return begin


@pytest.mark.parametrize(("seed", "budget"), [(0, 1_000_000_007), (1, 999_999_937), (2, 10**24 + 12_345)])
def test_a_life_with_everything_balances_to_the_unit(begin, seed, budget):
    life = begin(seed, budget)
    for number in range(1, ROUNDS + 1):
        life.round(number)
        life.balanced()
    scenario = life.scenario
    assert scenario.client_count() == 5
    assert life.done > life.refused
    people = [*life.people, life.federation.federator]
    for pool in scenario.pools():
        for person in people:
            if shares := pool.balanceOf(person.address):
                nothing = [0] * pool.asset_count()
                pool.remove_liquidity(shares, nothing, person.address, UNLIMITED, sender=person)
    sources = [source.address for source in (*scenario.tokens(), *scenario.pools())]
    life.federation.orchestrator.claim_many(sources, [p.address for p in people], sender=life.federation.lp)
    life.court.withdraw_bond(sender=life.federation.federator)
    result = life.balanced()
    assert (result.claimable, result.bonds) == (0, 0)
    assert result.escrow + result.dust < 2000 * scenario.quantum()


FIGURES = [
    ("Scenario", "escrow", []),
    ("Scenario", "paid", []),
    ("Scenario", "supply_of", [3]),
    ("Scenario", "total_supply", []),
    ("Challenges", "bond", []),
    ("Challenges", "forfeited", []),
    ("Challenges", "staked", []),
    ("Pool", "totalSupply", []),
    ("Pool", "harvested_units", []),
    ("Pool", "claimable", ["lp"]),
    ("Pool", "balance_of_asset", [1]),
    ("ClientToken", "claimable", ["client"]),
    ("DemoNumeraire", "balanceOf", ["challenges"]),
    ("DemoNumeraire", "balanceOf", ["scenario"]),
]


def test_every_figure_counts(begin, monkeypatch):
    """After four eventful rounds, any of the figures raised by one is seen."""
    life = begin(3)
    for number in (1, 2, 3, 4):
        life.round(number)
    life.balanced()
    federation = life.federation
    addresses = {
        "lp": federation.lp.address,
        "client": federation.clients[1].address,
        "challenges": life.court.address,
        "scenario": life.scenario.address,
    }
    plain = Session.read_many
    for contract, view, arguments in FIGURES:
        lie = functions(contract)[view].encode([addresses.get(a, a) for a in arguments])

        def lying(self, calls, *, block=None, contract=contract, lie=lie):
            answers = plain(self, calls, block=block)
            return [
                (int.from_bytes(answer) + 1).to_bytes(32)
                if (call.contract, call.data) == (contract, lie)
                else answer
                for call, answer in zip(calls, answers, strict=True)
            ]

        monkeypatch.setattr(Session, "read_many", lying)
        result = audit(federation.session, life.scenario)
        assert not result.balanced, (contract, view)
        assert "difference 1)" in " ".join(result.discrepancies), (contract, view)


def test_a_hidden_challenge_is_seen(begin, monkeypatch):
    life = begin(4)
    life.round(1)
    module = importlib.import_module("wallstreetfeds.chain.audit")
    read = module.read_events
    monkeypatch.setattr(
        module, "read_events", lambda *a, **k: [e for e in read(*a, **k) if not isinstance(e, Challenged)]
    )
    assert not audit(life.federation.session, life.scenario).balanced
