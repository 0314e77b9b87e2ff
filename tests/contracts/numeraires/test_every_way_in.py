"""Every way numeraire enters, under a numeraire that takes a fee, returns false, or calls back."""

from collections.abc import Callable
from typing import Any

import pytest
from onchain.world import DAY, EVIDENCE, FOREVER, Federation, compiled, packed, refused

WINDOW = 3600
TERMS: dict[str, Any] = {
    "bond": 10**11,
    "late_joins": True,
    "challenge_window": WINDOW,
    "ruling_period": DAY,
}


def scored(numeraire: Any, federator: Any = None) -> Federation:
    """An open market, a round scored, the investor equipped with everything."""
    federation = Federation(numeraire=numeraire, federator=federator, **TERMS).open(3)
    federation.equip(federation.investor, 10**13, 10**17)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 1, 1])
    return federation


def ways_in() -> list[Callable[[Federation], Any]]:
    return [
        lambda f: f.scenario.top_up(10**9, sender=f.investor),
        lambda f: f.scenario.join_late(f.budget, 0, sender=f.investor),
        lambda f: f.scenario.join_late(f.budget, 10**9, sender=f.investor),
        lambda f: f.challenges.challenge(1, 1, EVIDENCE, sender=f.investor),
        lambda f: f.swap(f.investor, 0, 1, 10**9),
        lambda f: f.pool.swap_exact_out(0, 1, 10**12, FOREVER, f.investor, FOREVER, sender=f.investor),
        lambda f: f.add(f.investor, 10**12),
        lambda f: f.pool.add_single_asset(0, 10**9, 0, FOREVER, sender=f.investor),
    ]


NAMES = ["top-up", "late join", "late pool", "challenge", "buy", "buy exactly", "join", "join with one"]


@pytest.mark.parametrize("way", ways_in(), ids=NAMES)
def test_a_fee_on_transfer_is_refused(way: Callable[[Federation], Any]) -> None:
    federation = scored(compiled("FeeNumeraire").deploy())
    federation.numeraire.set_fee(1)
    with refused("numeraire took a fee or rebased"):
        way(federation)
    federation.numeraire.set_fee(0)
    way(federation)
    held = [federation.numeraire.balanceOf(c) for c in (federation.scenario, federation.challenges)]
    booked = [federation.budget, federation.bond]
    late = (
        [compiled("Pool").at(federation.scenario.pool_at(1))] if federation.scenario.pool_count() > 1 else []
    )
    assert held[0] == federation.scenario.escrow() >= booked[0]
    assert held[1] == federation.challenges.bond() + federation.challenges.staked() >= booked[1]
    for pool in (federation.pool, *late):
        assert federation.numeraire.balanceOf(pool) == pool.balance_of_asset(0)


@pytest.mark.parametrize("way", ways_in(), ids=NAMES)
def test_false_is_refused_and_nothing_is_booked(way: Callable[[Federation], Any]) -> None:
    federation = scored(compiled("FalseNumeraire").deploy())
    scenario, court, pool = federation.scenario, federation.challenges, federation.pool
    numbers = [scenario.escrow, scenario.client_count, court.staked, pool.totalSupply]
    before = [number() for number in numbers], federation.balances()
    federation.numeraire.set_broken(True)
    with refused("numeraire transfer failed"):
        way(federation)
    assert ([number() for number in numbers], federation.balances()) == before


def test_a_fee_stops_a_slice_and_nothing_of_the_bond_is_lost() -> None:
    """The bond is the Scenario's only as it arrives; the round waits for an honest transfer."""
    federation = Federation(numeraire=compiled("FeeNumeraire").deploy(), **TERMS).open(2)
    federation.scenario.open_round(sender=federation.federator)
    federation.pass_time(federation.round_deadline)
    federation.numeraire.set_fee(1)
    with refused("numeraire took a fee or rebased"):
        federation.scenario.finalize_without_scores(1)
    assert federation.challenges.bond() == federation.bond
    federation.numeraire.set_fee(0)
    federation.scenario.finalize_without_scores(1)
    assert federation.challenges.bond() < federation.bond


class TestACallback:
    """The numeraire hands control over in the middle; the puppet is federator, client, LP and challenger."""

    @pytest.fixture
    def puppet(self, chain: None) -> Any:
        return compiled("Puppet").deploy()

    @pytest.fixture
    def federation(self, puppet: Any) -> Federation:
        federation = scored(compiled("CallbackNumeraire").deploy(), puppet.address)
        federation.tokens[0].transfer(puppet, 10**16, sender=federation.investor)
        federation.numeraire.mint(puppet, 10**13)
        return federation

    def prepare(self, puppet: Any, contract: Any, calls: list[tuple[Any, ...]]) -> int:
        for name, *args in calls:
            puppet.prepare(contract, getattr(contract, name).prepare_calldata(*args))
        return len(calls)

    def locked_court(self, federation: Federation, puppet: Any) -> int:
        calls: list[tuple[Any, ...]] = [
            ("challenge", 1, 1, EVIDENCE),
            ("withdraw_challenge_bond", 1, federation.investor),
            ("withdraw_bond",),
            ("bond",),
            ("staked",),
            ("case_of", 1),
        ]
        return self.prepare(puppet, federation.challenges, calls)

    def locked_pool(self, federation: Federation, puppet: Any) -> int:
        calls: list[tuple[Any, ...]] = [
            ("add_single_asset", 0, 10**9, 0, FOREVER),
            ("remove_single_asset", 0, 10**9, 0, puppet.address, FOREVER),
            ("remove_liquidity", 10**9, [0] * 4, puppet.address, FOREVER),
            ("permit", puppet.address, puppet.address, 1, FOREVER, 27, b"\0" * 32, b"\0" * 32),
            ("unvested", puppet.address),
            ("spot_price", 1),
            ("totalSupply",),
        ]
        return self.prepare(puppet, federation.pool, calls)

    @pytest.mark.parametrize("way", ways_in()[:3], ids=NAMES[:3])
    def test_the_scenario_is_locked(
        self, federation: Federation, puppet: Any, way: Callable[[Federation], Any]
    ) -> None:
        calls: list[tuple[Any, ...]] = [
            ("top_up", 1),
            ("join_late", 10**13, 0),
            ("open_round",),
            ("finalize_round", 1, packed([1, 1, 1])),
            ("finalize_without_scores", 1),
            ("escrow",),
            ("pool_count",),
            ("total_supply",),
        ]
        federation.pass_time(WINDOW)
        count = self.prepare(puppet, federation.scenario, calls)
        federation.numeraire.arm(puppet, 1)
        way(federation)
        assert puppet.succeeded() == [False] * count

    def test_the_court_is_locked_while_a_bond_comes(self, federation: Federation, puppet: Any) -> None:
        count = self.locked_court(federation, puppet)
        federation.numeraire.arm(puppet, 1)
        bond = federation.challenge(federation.investor, 1)
        assert puppet.succeeded() == [False] * count
        assert federation.challenges.staked() == bond

    def test_and_while_one_goes(self, federation: Federation, puppet: Any) -> None:
        federation.challenge(federation.investor, 1)
        federation.pass_time(WINDOW)
        words = packed([1, 2, 3])
        federation.challenges.replace_scores(1, words, EVIDENCE, sender=federation.arbiter_account)
        count = self.locked_court(federation, puppet)
        federation.numeraire.arm(puppet, 1)
        paid = federation.challenges.withdraw_challenge_bond(1, federation.investor)
        assert puppet.succeeded() == [False] * count
        assert federation.numeraire.balanceOf(federation.challenges) == federation.challenges.bond()
        assert paid > 0

    def test_old_scores_cannot_be_paid_in_the_middle_of_a_ruling(
        self, federation: Federation, puppet: Any
    ) -> None:
        """The ruling is written down before the slice moves: whoever pays the old scores then undoes both."""
        federation.challenge(federation.investor, 1)
        federation.pass_time(WINDOW)
        calls: list[tuple[Any, ...]] = [("finalize_round", 1, packed([1, 1, 1]))]
        self.prepare(puppet, federation.scenario, calls)
        federation.numeraire.arm(puppet, 1)
        words, arbiter = packed([1, 2, 3]), federation.arbiter_account
        with refused("not the open round"):
            federation.challenges.replace_scores(1, words, EVIDENCE, sender=arbiter)
        federation.numeraire.arm(puppet, 0)
        assert federation.clock()[2:] == (1, 0)
        federation.challenges.replace_scores(1, words, EVIDENCE, sender=arbiter)
        federation.scenario.finalize_round(1, words)

    @pytest.mark.parametrize("action", ["join", "exit"])
    def test_the_pool_is_locked_while_one_asset_moves(
        self, federation: Federation, puppet: Any, action: str
    ) -> None:
        pool, investor = federation.pool, federation.investor
        shares = pool.add_single_asset(0, 10**9, 0, FOREVER, sender=investor)
        count = self.locked_pool(federation, puppet)
        federation.numeraire.arm(puppet, 1)
        if action == "join":
            pool.add_single_asset(0, 10**9, 0, FOREVER, sender=investor)
        else:
            pool.remove_single_asset(0, shares, 0, investor, FOREVER, sender=investor)
        assert puppet.succeeded() == [False] * count
        assert federation.numeraire.balanceOf(pool) == federation.balances()[0]

    def test_a_claim_for_many_cannot_be_entered_again(self, federation: Federation, puppet: Any) -> None:
        federation.pass_time(WINDOW)
        federation.scenario.finalize_round(1, packed([1, 1, 1]))
        token, desk = federation.tokens[0], federation.orchestrator
        owed = token.claimable(federation.investor)
        self.prepare(puppet, desk, [("claim_many", [token.address], [federation.investor])])
        federation.numeraire.arm(puppet, 1)
        assert desk.claim_many([token.address], [federation.investor]) == owed > 0
        assert puppet.succeeded() == [False]
