"""Numeraires that return nothing or false, take a fee, or call back (DESIGN section 4)."""

from typing import Any

import boa
import pytest
from onchain.world import FOREVER, NO_EVIDENCE, Federation, compiled, packed, refused


def life(federation: Federation) -> None:
    """Every way in and out of a federation."""
    federation.fund().join(2).deposit().start()
    federation.numeraire.mint(federation.investor, 10**12)
    federation.numeraire.approve(federation.pool, 10**12, sender=federation.investor)
    federation.tokens[0].approve(federation.pool, FOREVER, sender=federation.clients[0])
    federation.swap(federation.investor, 0, 1, 10**9)
    federation.swap(federation.clients[0], 1, 0, 10**15)
    federation.round([1, 3])
    assert federation.tokens[1].claim(sender=federation.clients[1]) > 0
    assert federation.pool.claim(sender=federation.lp) > 0
    federation.remove(federation.lp, federation.pool.balanceOf(federation.lp))


def test_a_numeraire_that_returns_nothing_works() -> None:
    federation = Federation(numeraire=compiled("SilentNumeraire").deploy())
    life(federation)
    held = federation.numeraire.balanceOf(federation.scenario)
    assert held == federation.budget - federation.scenario.paid()
    assert federation.numeraire.balanceOf(federation.pool) == federation.balances()[0]


class TestAFalseNumeraire:
    @pytest.fixture
    def federation(self) -> Federation:
        return Federation(numeraire=compiled("FalseNumeraire").deploy())

    def test_money_that_does_not_come_is_refused(self, federation: Federation) -> None:
        federation.numeraire.set_broken(True)
        with refused("numeraire transfer failed"):
            federation.fund()
        with refused("numeraire transfer failed"):
            federation.scenario.deposit_numeraire(1, sender=federation.lp)
        assert not federation.scenario.funded()
        federation.numeraire.set_broken(False)
        life(federation)

    def test_money_that_does_not_go_is_refused(self, federation: Federation) -> None:
        federation.fund().join(2).deposit()
        federation.numeraire.set_broken(True)
        with refused("numeraire transfer failed"):
            federation.scenario.withdraw_numeraire(sender=federation.lp)
        with refused("numeraire transfer failed"):
            federation.start()
        assert federation.scenario.numeraire_deposit(federation.lp) > 0

    def test_a_claim_that_is_not_paid_stays_claimable(self, federation: Federation) -> None:
        federation.fund().join(2).deposit().start()
        federation.round([1, 1])
        client, token = federation.clients[0], federation.tokens[0]
        claimable = token.claimable(client), federation.pool.claimable(federation.lp)
        federation.numeraire.set_broken(True)
        with refused("numeraire transfer failed"):
            token.claim(sender=client)
        with refused("numeraire transfer failed"):
            federation.pool.claim(sender=federation.lp)
        assert (token.claimable(client), federation.pool.claimable(federation.lp)) == claimable
        federation.numeraire.set_broken(False)
        assert token.claim(sender=client) == claimable[0]

    def test_trades_and_exits_are_refused_whole(self, federation: Federation) -> None:
        federation.fund().join(2).deposit().start()
        books = federation.balances()
        federation.numeraire.set_broken(True)
        federation.numeraire.mint(federation.investor, 10**12)
        with refused("numeraire transfer failed"):
            federation.swap(federation.investor, 0, 1, 10**10)
        with refused("numeraire transfer failed"):
            federation.remove(federation.lp, 10**12)
        assert federation.balances() == books
        assert federation.tokens[0].balanceOf(federation.investor) == 0


class TestAFeeOnTransfer:
    REASON = "numeraire took a fee or rebased"

    @pytest.fixture
    def federation(self) -> Federation:
        return Federation(numeraire=compiled("FeeNumeraire").deploy())

    def test_it_cannot_fund_or_deposit(self, federation: Federation) -> None:
        federation.numeraire.set_fee(1)
        with refused(self.REASON):
            federation.fund()
        federation.numeraire.mint(federation.lp, 1_000)
        with refused(self.REASON):
            federation.scenario.deposit_numeraire(1_000, sender=federation.lp)

    def test_it_cannot_open_a_market(self, federation: Federation) -> None:
        federation.fund().join(2).deposit()
        federation.numeraire.set_fee(1)
        with refused(self.REASON):
            federation.start()
        federation.numeraire.set_fee(0)
        federation.start()
        assert federation.numeraire.balanceOf(federation.pool) == federation.balances()[0]

    def test_it_cannot_enter_a_pool(self, federation: Federation) -> None:
        federation.open(2)
        federation.equip(federation.investor, 10**12, 10**17)
        federation.numeraire.set_fee(1)
        with refused(self.REASON):
            federation.swap(federation.investor, 0, 1, 10**10)
        with refused(self.REASON):
            federation.add(federation.investor, 10**12)

    def test_without_the_fee_it_works(self, federation: Federation) -> None:
        life(federation)
        assert federation.numeraire.balanceOf(federation.pool) == federation.balances()[0]


class TestACallback:
    """A numeraire that hands control to an attacker in the middle of a transfer."""

    @pytest.fixture
    def numeraire(self, chain: None) -> Any:
        return compiled("CallbackNumeraire").deploy()

    @pytest.fixture
    def puppet(self, chain: None) -> Any:
        return compiled("Puppet").deploy()

    @pytest.fixture
    def federation(self, numeraire: Any, puppet: Any) -> Federation:
        """An open market in which the puppet is federator, client, LP and holder."""
        federation = Federation(numeraire=numeraire, federator=puppet.address)
        federation.open(2)
        for token, client in zip(federation.tokens, federation.clients, strict=True):
            token.transfer(puppet, 10**17, sender=client)
            token.approve(federation.pool, FOREVER, sender=puppet.address)
        numeraire.mint(puppet, 10**13)
        return federation

    def attempt(self, federation: Federation, puppet: Any, contract: Any, name: str, *args: Any) -> None:
        puppet.prepare(contract, getattr(contract, name).prepare_calldata(*args))

    def pool_calls(self, federation: Federation, puppet: Any) -> int:
        """Everything the pool has, its views included."""
        pool, me = federation.pool, puppet.address
        calls: list[tuple[Any, ...]] = [
            ("swap_exact_in", 0, 1, 10**9, 0, me, FOREVER),
            ("swap_exact_in", 1, 0, 10**15, 0, me, FOREVER),
            ("add_liquidity", 10**9, [FOREVER] * 3, FOREVER),
            ("remove_liquidity", 10**9, [0] * 3, me, FOREVER),
            ("transfer", federation.attacker, 1),
            ("claim",),
            ("claim_for", federation.lp),
            ("harvest",),
            ("spot_price", 1),
            ("quote_exact_in", 0, 1, 10**9),
            ("balance_of_asset", 0),
            ("weight_of_asset", 0),
            ("totalSupply",),
            ("balanceOf", me),
            ("claimable", me),
            ("swap_fee",),
        ]
        for call in calls:
            self.attempt(federation, puppet, pool, *call)
        return len(calls)

    @pytest.mark.parametrize("action", ["buy", "sell", "join", "exit"])
    def test_the_pool_is_locked_while_money_moves(
        self, federation: Federation, numeraire: Any, puppet: Any, action: str
    ) -> None:
        count = self.pool_calls(federation, puppet)
        federation.equip(federation.investor, 10**12, 10**17)
        numeraire.arm(puppet, 1)
        if action == "buy":
            federation.swap(federation.investor, 0, 1, 10**9)
        elif action == "sell":
            federation.swap(federation.investor, 1, 0, 10**15)
        elif action == "join":
            federation.add(federation.investor, 10**12)
        else:
            federation.remove(federation.lp, 10**12)
        assert puppet.called() == 1
        assert puppet.succeeded() == [False] * count

    def scenario_calls(self, federation: Federation, puppet: Any) -> int:
        """Everything the Scenario has but the views it keeps readable for its tokens."""
        scenario = federation.scenario
        calls: list[tuple[Any, ...]] = [
            ("fund",),
            ("cancel",),
            ("withdraw_budget",),
            ("deposit_numeraire", 1),
            ("withdraw_numeraire",),
            ("join", True),
            ("open_round",),
            ("open_market", [puppet.address], 0, 0),
            ("escrow",),
            ("pot",),
            ("paid",),
            ("pool",),
            ("numeraire_deposit", puppet.address),
        ]
        for call in calls:
            self.attempt(federation, puppet, scenario, *call)
        return len(calls)

    def test_the_scenario_is_locked_while_it_is_funded(self, numeraire: Any, puppet: Any) -> None:
        federation = Federation(numeraire=numeraire, federator=puppet.address)
        count = self.scenario_calls(federation, puppet)
        numeraire.arm(puppet, 1)
        federation.fund()
        assert puppet.succeeded() == [False] * count

    def test_the_scenario_is_locked_while_deposits_move(self, numeraire: Any, puppet: Any) -> None:
        federation = Federation(numeraire=numeraire, federator=puppet.address).fund()
        count = self.scenario_calls(federation, puppet)
        numeraire.mint(federation.lp, 10)
        numeraire.arm(puppet, 1)
        federation.scenario.deposit_numeraire(10, sender=federation.lp)
        numeraire.arm(puppet, 1)
        federation.scenario.withdraw_numeraire(sender=federation.lp)
        assert puppet.called() == 2
        assert puppet.succeeded() == [False] * (2 * count)
        assert numeraire.balanceOf(federation.lp) == 10

    def test_the_budget_is_withdrawn_once(self, numeraire: Any, puppet: Any) -> None:
        federation = Federation(numeraire=numeraire, federator=puppet.address).fund()
        numeraire.mint(federation.lp, 10**12)
        federation.scenario.deposit_numeraire(10**12, sender=federation.lp)
        federation.scenario.cancel(sender=puppet.address)
        self.attempt(federation, puppet, federation.scenario, "withdraw_budget")
        numeraire.arm(puppet, 1)
        federation.scenario.withdraw_budget(sender=puppet.address)
        assert puppet.succeeded() == [False]
        assert numeraire.balanceOf(federation.scenario) == 10**12

    def test_a_claim_cannot_be_repeated_from_inside(
        self, federation: Federation, numeraire: Any, puppet: Any
    ) -> None:
        federation.round([1, 1])
        token, pool = federation.tokens[0], federation.pool
        expected = token.claimable(puppet)
        self.attempt(federation, puppet, token, "claim")
        self.attempt(federation, puppet, token, "claim_for", federation.clients[0])
        self.attempt(federation, puppet, token, "transfer", federation.attacker, 1)
        self.attempt(federation, puppet, token, "claimable", puppet.address)
        self.attempt(federation, puppet, federation.tokens[1], "claim")
        self.attempt(federation, puppet, pool, "claim")
        numeraire.arm(puppet, 1)
        assert token.claim(sender=puppet.address) == expected
        # The token is locked but for transfers, and so is the Scenario that every other claim needs.
        assert puppet.succeeded() == [False, False, True, False, False, False]
        assert federation.scenario.paid() == expected
        assert token.claimable(puppet) == 0
        assert token.claimable(federation.attacker) == 0

    def test_the_views_that_stay_readable_are_never_half_written(
        self, federation: Federation, numeraire: Any, puppet: Any
    ) -> None:
        federation.round([1, 1])
        scenario = federation.scenario
        for call in (("clock",), ("history", 0, 1), ("reward_words", 1)):
            self.attempt(federation, puppet, scenario, *call)
        before = (scenario.clock(), scenario.history(0, 1), scenario.reward_words(1))
        numeraire.arm(puppet, 1)
        federation.tokens[0].claim(sender=puppet.address)
        assert puppet.succeeded() == [True] * 3
        assert (scenario.clock(), scenario.history(0, 1), scenario.reward_words(1)) == before

    def test_no_shares_are_minted_before_the_pool_is_initialised(self, numeraire: Any, puppet: Any) -> None:
        federation = Federation(numeraire=numeraire, federator=puppet.address).fund().join(2).deposit()
        with boa.env.anchor():
            pool = federation.copy().start().pool
        puppet.prepare(pool.address, pool.add_liquidity.prepare_calldata(2**62, [], FOREVER))
        puppet.prepare(pool.address, pool.transfer.prepare_calldata(federation.attacker, 0))
        numeraire.arm(puppet, 1)
        federation.start()
        assert federation.pool.address == pool.address
        assert puppet.called() == 1
        assert puppet.succeeded()[0] is False
        held = [federation.pool.balanceOf(a) for a in (federation.lp, puppet, *federation.clients, pool)]
        assert sum(held) == federation.pool.totalSupply()

    @pytest.mark.parametrize("action", ["buy", "sell", "join", "exit"])
    def test_a_round_that_opens_in_the_middle_counts_no_token_twice(
        self, federation: Federation, numeraire: Any, puppet: Any, action: str
    ) -> None:
        """I2: whoever the tokens belong to at that record date, they belong to one side only."""
        federation.equip(federation.investor, 10**12, 10**17)
        self.attempt(federation, puppet, federation.scenario, "open_round")
        numeraire.arm(puppet, 1)
        if action == "buy":
            federation.swap(federation.investor, 0, 1, 10**9)
        elif action == "sell":
            federation.swap(federation.investor, 1, 0, 10**15)
        elif action == "join":
            federation.add(federation.investor, 10**14)
        else:
            federation.remove(federation.lp, 10**14)
        assert puppet.succeeded() == [True]
        pot = federation.scenario.pot()
        federation.scenario.submit_scores(1, packed([1, 1]), NO_EVIDENCE, sender=puppet.address)
        federation.scenario.finalize_round(1, packed([1, 1]))
        holders = [federation.investor, puppet.address, federation.lp, *federation.clients]
        owed = sum(token.claimable(holder) for token in federation.tokens for holder in holders)
        owed += sum(federation.pool.claimable(holder) for holder in holders)
        assert pot - 100 <= owed <= pot
        for holder in holders:
            for token in federation.tokens:
                token.claim_for(holder)
            federation.pool.claim_for(holder)
        assert federation.scenario.paid() == owed
