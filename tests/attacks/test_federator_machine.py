"""The federator can never take escrow back once the market is open: a search over its own calls.

It calls whatever the contracts let it call, in any order, over all of the federation's time; strangers only
claim.  Nobody sells it anything and it holds no client's seat: no puppets.  After every step, what it has
been paid is compared with what was its own: the proceeds of its trades and exits at the moment it made them,
the rewards of its holdings at each record date from the published history, and its bond less the slices.
"""

from contextlib import suppress
from fractions import Fraction
from typing import Any

from boa import BoaError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from onchain import world
from onchain.revm_world import on_revm
from onchain.world import DAY, EVIDENCE, FOREVER, NO_EVIDENCE, WAD, Federation, packed

FEW = settings(
    max_examples=200,
    stateful_step_count=25,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

WORLDS: list[dict[str, Any]] = [
    {},
    {"bond": 10**11, "challenge_window": DAY, "ruling_period": DAY},
    {"bond": 10**12, "late_joins": True, "swap_fee": 0, "opening_period": 0, "rounds": 2},
    {"bond": 3 * 10**10, "clock": False, "retained": WAD // 5},
]

LISTED = 3
"""Clients of the opening; a late one has a pool of its own, and the federator none of its tokens."""

few = st.integers(0, LISTED)
parts = st.sampled_from([1, 10, 100, 1000])
scores = st.lists(st.integers(0, 10**8), min_size=3, max_size=3)


class FederatorsCalls(RuleBasedStateMachine):
    """Every external function of Scenario, Challenges, Pool and token that moves something, by the
    federator."""

    def __init__(self) -> None:
        super().__init__()
        self.anchor = world.boa.env.anchor()
        self.anchor.__enter__()

    def teardown(self) -> None:
        self.anchor.__exit__(None, None, None)

    @initialize(terms=st.sampled_from(WORLDS))
    def open_market(self, terms: dict[str, Any]) -> None:
        self.f = federation = Federation(**terms).open(LISTED)
        self.me = federation.equip(federation.federator, 10**10)
        for contract in (federation.scenario, federation.challenges):
            federation.numeraire.approve(contract, FOREVER, sender=self.me)
        for k in range(LISTED):
            federation.tokens[k].transfer(self.me, 10**15, sender=federation.clients[k])
        self.start = self.numeraire()
        # What left its purse and what came in by its trades; what its record dates entitle it to.
        self.traded = 0
        self.entitled = Fraction(0)
        self.records: dict[int, list[Fraction]] = {}
        self.counted = 0
        self.sliced = 0

    # --- moves ---

    def numeraire(self) -> int:
        return int(self.f.numeraire.balanceOf(self.me))

    def attempt(self, function: Any, *arguments: Any, trade: bool = False) -> bool:
        """Call it; a refusal is fine.  What a trade changes in the purse is the trade's, all else is not."""
        before = self.numeraire()
        try:
            function(*arguments, sender=self.me)
        except BoaError:
            return False
        if trade:
            self.traded += self.numeraire() - before
        self.count()
        return True

    def holdings(self) -> list[Fraction]:
        """By client: the part of its supply that is the federator's, through the pool's LP shares
        included."""
        pool = self.f.pool
        lp = Fraction(pool.balanceOf(self.me), pool.totalSupply())
        return [
            (token.balanceOf(self.me) + lp * pool.balance_of_asset(k + 1)) / Fraction(self.f.supply)
            for k, token in enumerate(self.f.tokens[:LISTED])
        ]

    def count(self) -> None:
        """Add what a newly paid round owes the federator."""
        while self.counted < self.f.clock()[3]:
            self.counted += 1
            words = self.f.scenario.reward_words(self.counted)
            for k, part in enumerate(self.records[self.counted]):
                units = (words[k // 6] >> (k % 6 * 42)) & (2**42 - 1)
                self.entitled += part * units * self.f.scenario.quantum()

    @rule()
    def open_round(self) -> None:
        held = self.holdings()
        if self.attempt(self.f.scenario.open_round):
            self.records[self.f.clock()[2]] = held

    @rule(scores=scores, ahead=st.integers(0, 1))
    def submit_scores(self, scores: list[int], ahead: int) -> None:
        number = self.f.clock()[2] + ahead
        self.last = packed(scores)
        self.attempt(self.f.scenario.submit_scores, number, self.last, NO_EVIDENCE)

    @rule(scores=scores)
    def finalize(self, scores: list[int]) -> None:
        number = self.f.clock()[2]
        for words in (getattr(self, "last", packed([])), packed(scores)):
            self.attempt(self.f.scenario.finalize_round, number, words)

    @rule()
    def finalize_without_scores(self) -> None:
        bond = self.f.challenges.bond()
        self.attempt(self.f.scenario.finalize_without_scores, self.f.clock()[2])
        self.sliced += bond - self.f.challenges.bond()

    @rule(scores=scores)
    def whole_round(self, scores: list[int]) -> None:
        self.open_round()
        self.submit_scores(scores, 0)
        world.boa.env.time_travel(seconds=2 * DAY)
        self.finalize(scores)

    @rule()
    def idle_round(self) -> None:
        self.open_round()
        world.boa.env.time_travel(seconds=8 * DAY)
        self.finalize_without_scores()

    @rule(amount=parts)
    def top_up(self, amount: int) -> None:
        self.attempt(self.f.scenario.top_up, amount)

    @rule(which=st.integers(0, 9))
    def things_of_the_past(self, which: int) -> None:
        """Everything that belongs to the registration, and what only other contracts may call."""
        scenario, challenges = self.f.scenario, self.f.challenges
        calls: list[tuple[Any, ...]] = [
            (scenario.fund,),
            (scenario.cancel,),
            (scenario.withdraw_budget,),
            (scenario.withdraw_numeraire,),
            (scenario.withdraw_tokens,),
            (scenario.open_market, [self.me], 0, 0),
            (scenario.pay_reward, 0, self.me, 1),
            (scenario.pay_pool_reward, self.me, 1),
            (scenario.replace_scores, self.f.clock()[2], packed([1]), EVIDENCE, 10**9),
            (challenges.slice_bond, 10**9),
        ]
        self.attempt(*calls[which])

    @rule()
    def late_join_of_its_own(self) -> None:
        self.attempt(self.f.scenario.allow_clients, [self.me], [0])
        self.attempt(self.f.scenario.deposit_tokens)
        self.attempt(self.f.tokens[0].list_in_pool, self.me, 1)
        self.attempt(self.f.tokens[0].release, self.me, 1)

    @rule(asset=few)
    def challenge(self, asset: int) -> None:
        self.attempt(self.f.challenges.challenge, self.f.clock()[2], asset, EVIDENCE)

    @rule(round=few)
    def bonds(self, round: int) -> None:
        self.attempt(self.f.challenges.uphold_scores, round)
        self.attempt(self.f.challenges.replace_scores, round, packed([1, 1, 1]), EVIDENCE)
        self.attempt(self.f.challenges.withdraw_challenge_bond, round, self.me)
        self.attempt(self.f.challenges.withdraw_bond)

    @rule(asset_in=few, asset_out=few, part=parts)
    def swap(self, asset_in: int, asset_out: int, part: int) -> None:
        amount = self.f.balances()[asset_in] // (4 * part)
        self.attempt(self.f.pool.swap_exact_in, asset_in, asset_out, amount, 0, self.me, FOREVER, trade=True)

    @rule(asset_in=few, asset_out=few, part=parts)
    def swap_for(self, asset_in: int, asset_out: int, part: int) -> None:
        amount = self.f.balances()[asset_out] // (4 * part)
        self.attempt(
            self.f.pool.swap_exact_out, asset_in, asset_out, amount, FOREVER, self.me, FOREVER, trade=True
        )

    @rule(source=few, part=parts)
    def lend(self, source: int, part: int) -> None:
        """Tokens or LP shares go to an ally, who pulls as much again by an allowance."""
        token, ally = (self.f.pool, *self.f.tokens)[source], self.f.attacker
        amount = token.balanceOf(self.me) // (2 * part)
        if self.attempt(token.transfer, ally, amount) and self.attempt(token.approve, ally, amount):
            token.transferFrom(self.me, ally, amount, sender=ally)

    @rule(source=few)
    def get_back(self, source: int) -> None:
        token, ally = (self.f.pool, *self.f.tokens)[source], self.f.attacker
        token.transfer(self.me, token.balanceOf(ally), sender=ally)

    @rule()
    def a_late_client(self) -> None:
        """Somebody else's account, let in by the federator, which pays for what it gets."""
        joiner = self.f.equip(world.boa.env.generate_address("late"), 10**12)
        if self.attempt(self.f.scenario.allow_clients, [joiner], [self.f.supply]):
            with suppress(BoaError):
                self.f.join_late(joiner)

    @rule(part=parts)
    def join(self, part: int) -> None:
        shares = self.f.pool.totalSupply() // (1000 * part)
        self.attempt(self.f.pool.add_liquidity, shares, [FOREVER] * 4, FOREVER, trade=True)

    @rule(asset=few, part=parts)
    def join_with_one(self, asset: int, part: int) -> None:
        amount = self.f.balances()[asset] // (100 * part)
        self.attempt(self.f.pool.add_single_asset, asset, amount, 0, FOREVER, trade=True)

    @rule(asset=st.integers(-1, 3), part=parts)
    def leave(self, asset: int, part: int) -> None:
        shares = self.f.pool.balanceOf(self.me) // part
        if asset < 0:
            self.attempt(self.f.pool.remove_liquidity, shares, [0] * 4, self.me, FOREVER, trade=True)
        else:
            self.attempt(self.f.pool.remove_single_asset, asset, shares // 8, 0, self.me, FOREVER, trade=True)

    @rule(source=few)
    def claim(self, source: int) -> None:
        self.attempt((self.f.pool, *self.f.tokens)[source].claim)
        self.attempt(self.f.pool.harvest)

    @rule(source=few, holder=few)
    def strangers_claim(self, source: int, holder: int) -> None:
        contract = (self.f.pool, *self.f.tokens)[source]
        contract.claim_for((self.me, *self.f.clients)[holder], sender=self.f.attacker)
        self.f.challenges.withdraw_bond(sender=self.f.attacker)

    @rule(seconds=st.sampled_from([1, DAY, 3 * DAY, 8 * DAY]))
    def wait(self, seconds: int) -> None:
        world.boa.env.time_travel(seconds=seconds)


class NothingComesBack(FederatorsCalls):
    """What holds after every step."""

    @invariant()
    def it_has_no_more_than_its_own(self) -> None:
        if not hasattr(self, "start"):
            return
        over = self.f.scenario.bond_is_free()
        returned = self.f.bond - self.sliced - self.f.challenges.bond() if over else 0
        assert self.numeraire() <= self.start + self.traded + self.entitled + returned

    @invariant()
    def the_escrow_only_pays_rounds(self) -> None:
        if not hasattr(self, "start"):
            return
        words = (self.f.scenario.reward_words(r) for r in range(1, self.counted + 1))
        given = sum((word >> lane) & (2**42 - 1) for w in words for word in w for lane in range(0, 252, 42))
        held = self.f.numeraire.balanceOf(self.f.scenario)
        owed = given * self.f.scenario.quantum() - self.f.scenario.paid()
        assert held == self.f.scenario.escrow() + owed
        assert self.f.scenario.paid() + held >= self.f.budget


def test_the_federator_never_gets_escrow_back() -> None:
    with on_revm():
        world.orchestrator()
        run_state_machine_as_test(NothingComesBack, settings=FEW)
