"""Before the opening: whatever happens, everybody can take everything back."""

from typing import Any

from boa import BoaError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from onchain import world
from onchain.revm_world import on_revm
from onchain.world import FOREVER, Federation, revert_reason

FEW = settings(
    max_examples=100,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

REFUSALS = {
    "already joined",
    "already deposited",
    "already funded",
    "not a client",
    "nothing to withdraw",
    "the federation is full",
    "the market is open",
    "the market is not open",
    "cancelled",
    "the budget is not funded",
    "too few clients listed",
    "numeraire outside its domain",
    "provider without a deposit",
    "balance too small",
    "numeraire outweighs the tokens",
    "tokens outweigh the numeraire",
}

actors = st.integers(0, 5)


class Registration(RuleBasedStateMachine):
    """Six accounts, any of which joins, deposits, withdraws; the first is the federator."""

    def __init__(self) -> None:
        super().__init__()
        self.anchor = world.boa.env.anchor()
        self.anchor.__enter__()
        self.federation = Federation(max_clients=3, budget=10**10)
        self.scenario, self.numeraire = self.federation.scenario, self.federation.numeraire
        self.accounts = [self.federation.federator, *(world.boa.env.generate_address() for _ in range(5))]
        for account in self.accounts:
            self.federation.grant(account, 10**11)
        self.tokens: dict[Any, Any] = {}

    def teardown(self) -> None:
        if self.scenario.pool() == "0x" + "00" * 20:
            self.everything_comes_back()
        else:
            for account in self.accounts:
                self.attempt("withdraw_numeraire", account)
            assert self.numeraire.balanceOf(self.scenario) == self.federation.budget
        self.anchor.__exit__(None, None, None)

    def attempt(self, name: str, sender: Any, *args: Any) -> Any:
        try:
            return getattr(self.scenario, name)(*args, sender=sender)
        except BoaError as error:
            if revert_reason(error) not in REFUSALS:
                raise
            return None

    def everything_comes_back(self) -> None:
        self.attempt("cancel", self.federation.federator)
        self.attempt("withdraw_budget", self.federation.federator)
        for account in self.accounts:
            self.attempt("withdraw_numeraire", account)
            self.attempt("withdraw_tokens", account)
            assert self.numeraire.balanceOf(account) == 10**11
        for client, token in self.tokens.items():
            assert token.balanceOf(client) == self.federation.supply
        assert self.numeraire.balanceOf(self.scenario) == 0

    @rule()
    def fund(self) -> None:
        self.attempt("fund", self.federation.federator)

    @rule(actor=actors, deposit=st.booleans())
    def join(self, actor: int, deposit: bool) -> None:
        account = self.accounts[actor]
        address = self.attempt("join", account, deposit)
        if address is not None:
            self.tokens[account] = world.compiled("ClientToken").at(address)
            self.tokens[account].approve(self.scenario, FOREVER, sender=account)

    @rule(actor=actors)
    def deposit_tokens(self, actor: int) -> None:
        self.attempt("deposit_tokens", self.accounts[actor])

    @rule(actor=actors)
    def withdraw_tokens(self, actor: int) -> None:
        self.attempt("withdraw_tokens", self.accounts[actor])

    @rule(actor=actors, amount=st.integers(1, 10**10))
    def deposit_numeraire(self, actor: int, amount: int) -> None:
        self.attempt("deposit_numeraire", self.accounts[actor], amount)

    @rule(actor=actors)
    def withdraw_numeraire(self, actor: int) -> None:
        self.attempt("withdraw_numeraire", self.accounts[actor])

    @rule(providers=st.lists(actors, max_size=3))
    def open_market(self, providers: list[int]) -> None:
        named = [self.accounts[k] for k in providers]
        self.attempt("open_market", self.federation.federator, named, 0, 0)

    @rule(sure=st.integers(0, 9))
    def cancel(self, sure: int) -> None:
        # Rarely: nothing can happen afterwards.
        if sure == 0:
            self.attempt("cancel", self.federation.federator)

    @rule()
    def withdraw_budget(self) -> None:
        self.attempt("withdraw_budget", self.federation.federator)

    @invariant()
    def the_scenario_holds_the_escrow_and_the_deposits(self) -> None:
        deposits = sum(self.scenario.numeraire_deposit(account) for account in self.accounts)
        assert deposits == self.scenario.total_numeraire_deposit()
        assert self.scenario.escrow() == self.federation.budget * self.scenario.funded()
        assert self.numeraire.balanceOf(self.scenario) == self.scenario.escrow() + deposits

    @invariant()
    def the_scenario_holds_exactly_the_listed_tokens(self) -> None:
        if self.scenario.pool() != "0x" + "00" * 20:
            return
        for k in range(self.scenario.client_count()):
            token = self.tokens[self.scenario.client_at(k)]
            expected = self.federation.listed_amount if self.scenario.is_listed(k) else 0
            assert token.balanceOf(self.scenario) == expected


def test_deposits_can_always_be_taken_back() -> None:
    with on_revm():
        world.orchestrator()
        run_state_machine_as_test(Registration, settings=FEW)
