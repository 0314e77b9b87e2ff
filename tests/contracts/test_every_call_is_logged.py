"""Every function that changes state is called once with success, and the event its rule names is logged."""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from eth_account import Account
from onchain.permits import signed_permit
from onchain.rules import RULES
from onchain.world import DAY, EVIDENCE, FOREVER, NO_EVIDENCE, Federation, compiled, event, events, packed

Key = tuple[str, str]
OWNER = Account.from_key(b"\x2a" * 32)
WINDOW = 3600


class Witness:
    """Makes calls and notes which functions were seen to log their event."""

    def __init__(self) -> None:
        self.seen: set[Key] = set()

    def __call__(self, contract: Any, function: str, *args: Any, sender: Any, within: Any = ()) -> Any:
        """Call a function; `within` names those that it calls in turn."""
        answer = getattr(contract, function)(*args, sender=sender)
        logged = {type(log).__name__ for log in contract.get_logs(strict=False)}
        name = str(contract.compiler_data.contract_path).rsplit("/", 1)[-1].removesuffix(".vy")
        for key in ((name, function), *within):
            assert RULES[key].event in logged, key
            self.seen.add(key)
        return answer


def register(call: Witness, federation: Federation) -> None:
    """From the creation to the opening."""
    scenario, federator, client = federation.scenario, federation.federator, boa.env.generate_address()
    federation.grant(federator, federation.budget + federation.bond)
    call(scenario, "fund", sender=federator, within=[("Challenges", "escrow_bond")])
    call(scenario, "allow_clients", [client], [], sender=federator)
    made = call(scenario, "join", False, sender=client, within=[("ClientToken", "initialize")])
    token = compiled("ClientToken").at(made)
    call(token, "approve", scenario, FOREVER, sender=client)
    call(scenario, "deposit_tokens", sender=client)
    call(scenario, "withdraw_tokens", sender=client, within=[("ClientToken", "release")])
    scenario.deposit_tokens(sender=client)
    federation.clients.append(client)
    federation.tokens.append(token)
    federation.grant(federation.lp, federation.budget // 5)
    call(scenario, "deposit_numeraire", federation.budget // 5, sender=federation.lp)
    call(scenario, "withdraw_numeraire", sender=federation.lp)


def give_up(call: Witness, federation: Federation) -> None:
    call(federation.scenario, "cancel", sender=federation.federator)
    call(federation.scenario, "withdraw_budget", sender=federation.federator)


def open_market(call: Witness, federation: Federation) -> None:
    federation.deposit()
    providers = [federation.federator, federation.lp]
    within = [("ClientToken", "list_in_pool")]
    made = call(
        federation.scenario, "open_market", providers, 0, 0, sender=federation.federator, within=within
    )
    federation.pool = compiled("Pool").at(made)
    federation.pass_time(federation.opening_period)


def trade(call: Witness, federation: Federation) -> None:
    pool, token, investor = federation.pool, federation.tokens[0], federation.investor
    federation.equip(investor, 10**12, 10**17)
    federation.numeraire.approve(pool, FOREVER, sender=investor)
    call(pool, "swap_exact_in", 0, 1, 10**9, 0, investor, FOREVER, sender=investor)
    call(pool, "swap_exact_out", 0, 1, 10**12, FOREVER, investor, FOREVER, sender=investor)
    call(pool, "add_liquidity", 10**12, [FOREVER] * 2, FOREVER, sender=investor)
    shares = call(pool, "add_single_asset", 0, 10**9, 0, FOREVER, sender=investor)
    call(pool, "remove_single_asset", 0, shares, 0, investor, FOREVER, sender=investor)
    call(pool, "remove_liquidity", 10**11, [0] * 2, investor, FOREVER, sender=investor)
    for contract in (token, pool):
        call(contract, "transfer", OWNER.address, 1_000, sender=investor)
        call(contract, "approve", federation.lp, 10, sender=investor)
        call(contract, "transferFrom", investor, federation.lp, 10, sender=federation.lp)
        call(contract, "permit", *signed_permit(contract, OWNER, investor, 1), sender=investor)


def dispute(call: Witness, federation: Federation) -> None:
    """Round 1 is upheld, round 2 replaced, round 3 has no scores."""
    scenario, court, arbiter = federation.scenario, federation.challenges, federation.arbiter_account
    client, federator = federation.clients[0], federation.federator
    for number in (1, 2):
        call(scenario, "open_round", sender=federator)
        call(scenario, "submit_scores", number, packed([1]), NO_EVIDENCE, sender=federator)
        federation.grant(client, 10**12, court)
        call(court, "challenge", number, 0, EVIDENCE, sender=client)
        federation.pass_time(WINDOW)
        if number == 1:
            call(court, "uphold_scores", 1, sender=arbiter)
        else:
            within = [("Scenario", "replace_scores"), ("Challenges", "slice_bond")]
            call(court, "replace_scores", 2, packed([2]), EVIDENCE, sender=arbiter, within=within)
            call(court, "withdraw_challenge_bond", 2, client, sender=federation.attacker)
        within = [("Pool", "harvest")]
        call(scenario, "finalize_round", number, packed([number]), sender=federation.attacker, within=within)
    call(court, "withdraw_bond", sender=federation.attacker)
    scenario.open_round(sender=federator)
    federation.pass_time(federation.round_deadline)
    within = [("Pool", "harvest"), ("Challenges", "slice_bond")]
    call(scenario, "finalize_without_scores", 3, sender=federation.attacker, within=within)


def collect(call: Witness, federation: Federation) -> None:
    token, pool, investor = federation.tokens[0], federation.pool, federation.investor
    call(token, "claim", sender=investor, within=[("Scenario", "pay_reward")])
    call(pool, "claim", sender=investor, within=[("Scenario", "pay_pool_reward")])
    call(token, "claim_for", federation.clients[0], sender=federation.attacker)
    call(pool, "claim_for", federation.federator, sender=federation.attacker)
    call(federation.orchestrator, "claim_many", [pool.address], [federation.lp], sender=federation.attacker)


def grow(call: Witness, federation: Federation) -> None:
    newcomer = boa.env.generate_address()
    federation.grant(federation.investor, 10**9)
    call(federation.scenario, "top_up", 10**9, sender=federation.investor)
    federation.scenario.allow_clients([newcomer], [], sender=federation.federator)
    federation.grant(newcomer, 3 * federation.budget)
    order = (federation.scenario.escrow(), 10**9)
    call(federation.scenario, "join_late", *order, sender=newcomer)
    assert event(federation.scenario, "LateMarketOpened")["client"] == newcomer


@pytest.fixture
def make(chain: None) -> Callable[[], Federation]:
    return lambda: Federation(
        open_registration=False,
        late_joins=True,
        bond=3 * 10**11,
        challenge_window=WINDOW,
        ruling_period=DAY,
    )


def test_every_call_logs_the_event_of_its_rule(make: Callable[[], Federation]) -> None:
    call = Witness()
    given_up, federation = make(), make()
    assert len(events(federation.orchestrator, "ScenarioCreated")) == 1
    call.seen.add(("Orchestrator", "create_scenario"))
    register(call, given_up)
    give_up(call, given_up)
    register(call, federation)
    open_market(call, federation)
    trade(call, federation)
    dispute(call, federation)
    collect(call, federation)
    grow(call, federation)
    assert call.seen == set(RULES)
