"""Record-date accounting against snapshots of everybody's balances (DESIGN section 8)."""

import random
from fractions import Fraction
from typing import Any

import boa
import pytest
from onchain.naive import NaiveRewards, PoolSnapshot
from onchain.world import OPENING_SHARES, Federation

STEPS = 110


class Ledger:
    """A federation and its naive model, driven together."""

    def __init__(self, federation: Federation, seed: int) -> None:
        self.rng = random.Random(seed)
        self.federation = federation
        federation.equip(federation.investor, federation.budget, federation.supply // 5)
        federation.equip(federation.attacker, federation.budget)
        federation.equip(federation.lp, federation.budget, federation.supply // 50)
        for client in federation.clients:
            federation.equip(client, federation.budget)
        self.holders: list[Any] = [
            federation.federator,
            federation.investor,
            federation.attacker,
            federation.lp,
            *federation.clients,
        ]
        self.naive = NaiveRewards(
            federation.budget,
            federation.rounds,
            [federation.supply] * len(federation.clients),
            federation.scenario.quantum(),
        )
        self.claimed: dict[tuple[Any, Any], int] = {}
        self.refusals = 0

    def step(self) -> None:
        name = self.rng.choice(
            [
                "transfer",
                "transfer",
                "to_self",
                "claim",
                "claim",
                "lp",
                "lp",
                "share",
                "swap",
                "swap",
                "round",
                "round",
            ]
        )
        getattr(self, name)()

    def transfer(self) -> None:
        token = self.rng.choice(self.federation.tokens)
        sender, receiver = self.rng.choice(self.holders), self.rng.choice(self.holders)
        amount = self.part(token.balanceOf(sender))
        token.transfer(receiver, amount, sender=sender)

    def to_self(self) -> None:
        holder, contract = self.rng.choice(self.holders), self.rng.choice(self.contracts)
        most = self.vested(holder) if contract == self.federation.pool else contract.balanceOf(holder)
        contract.transfer(holder, self.part(most), sender=holder)

    def share(self) -> None:
        sender = self.rng.choice(self.holders)
        amount = self.part(self.vested(sender))
        self.federation.pool.transfer(self.rng.choice(self.holders), amount, sender=sender)

    def vested(self, holder: Any) -> int:
        """LP shares that the holder can send or burn now."""
        pool = self.federation.pool
        return max(pool.balanceOf(holder) - pool.unvested(holder), 0)

    def claim(self) -> None:
        holder, contract = self.rng.choice(self.holders), self.rng.choice(self.contracts)
        paid = contract.claim_for(holder)
        self.claimed[contract, holder] = self.claimed.get((contract, holder), 0) + paid

    def lp(self) -> None:
        holder = self.rng.choice(self.holders)
        shares = self.vested(holder)
        if self.rng.random() < 0.5 and self.naive.rho > 0:
            self.attempt(lambda: self.federation.add(holder, self.part(OPENING_SHARES // 3) + 1))
        elif shares:
            self.federation.remove(holder, self.part(shares) or 1)

    def swap(self) -> None:
        assets = self.rng.sample(range(self.federation.pool.asset_count()), 2)
        amount = self.part(self.federation.balances()[assets[0]] // 10)
        holder = self.rng.choice(self.holders)
        self.attempt(lambda: self.federation.swap(holder, *assets, amount))

    def round(self) -> None:
        federation, naive = self.federation, self.naive
        if naive.opened > naive.finalized:
            scores = [self.rng.choice([0, 1, self.rng.randrange(10**8)]) for _ in federation.clients]
            naive.finalize(scores)
            federation.settle(scores)
        elif naive.opened < naive.rounds:
            naive.open_round(
                [{h: token.balanceOf(h) for h in self.holders} for token in federation.tokens],
                [
                    PoolSnapshot(
                        {k: federation.pool.balance_of_asset(k + 1) for k in range(len(federation.tokens))},
                        {h: federation.pool.balanceOf(h) for h in self.holders},
                        federation.pool.totalSupply(),
                    )
                ],
            )
            federation.scenario.open_round(sender=federation.federator)

    @property
    def contracts(self) -> list[Any]:
        return [*self.federation.tokens, self.federation.pool]

    def part(self, of: int) -> int:
        return self.rng.choice([0, 1, of // 2, of, self.rng.randrange(of + 1)]) if of else 0

    def attempt(self, call: Any) -> None:
        """Some random calls are refused (funds, caps); what counts is that nothing is lost or made."""
        try:
            call()
        except boa.BoaError:
            self.refusals += 1

    def check(self) -> None:
        for holder in self.holders:
            for index, token in enumerate(self.federation.tokens):
                received = self.claimed.get((token, holder), 0)
                assert received + token.claimable(holder) == self.naive.owed(index, holder)
            pool = self.federation.pool
            received = self.claimed.get((pool, holder), 0)
            assert received + pool.claimable(holder) == self.naive.owed_to_lp(holder)


@pytest.mark.parametrize("seed", range(6))
def test_everybody_gets_what_the_snapshots_say(seed: int) -> None:
    decimals, budget, supply, rounds = [
        (6, 10**12 + 7, 10**18, 40),
        (18, 123_456 * 10**18, 2**64 // 10**6 * 10**6, 25),
        (8, 10**9 + 1, 10**9, 9),
    ][seed % 3]
    federation = Federation(
        decimals=decimals, budget=budget, supply=supply, rounds=rounds, score_cap=64 * 10**18, clock=seed != 4
    ).open(3)
    ledger = Ledger(federation, seed)
    for number in range(STEPS):
        ledger.step()
        if number % 5 == 0:
            ledger.check()
    ledger.check()
    assert ledger.naive.finalized >= min(4, rounds)
    assert ledger.refusals < STEPS // 3
    assert sum(ledger.claimed.values()) == federation.scenario.paid() > 0
    assert federation.numeraire.balanceOf(federation.scenario) == budget - federation.scenario.paid()


def test_the_two_roundings_of_a_harvest_cost_an_lp_less_than_a_unit() -> None:
    federation = Federation(budget=123_456_789_012, rounds=12, score_cap=64 * 10**18).open(3)
    ledger = Ledger(federation, 99)
    for _ in range(24):
        ledger.lp()
        ledger.round()
    ledger.check()
    assert ledger.naive.finalized == 12
    for holder in ledger.holders:
        lost = ledger.naive.lp_earned_exactly[0, holder] - ledger.naive.lp_earned[0, holder]
        assert 0 <= lost < Fraction(1, 100)
