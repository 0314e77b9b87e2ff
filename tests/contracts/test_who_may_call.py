"""Who may call what: every function that changes state, who may, what a stranger hears, what is logged."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from onchain.world import (
    DAY,
    EVIDENCE,
    FOREVER,
    NO_EVIDENCE,
    ROOT,
    Federation,
    compiled,
    packed,
    refused,
)
from vyper.compiler.output import build_abi_output

CONTRACTS = ("Orchestrator", "Scenario", "Challenges", "ClientToken", "Pool")
ANYONE = "anyone"


@dataclass(frozen=True)
class Rule:
    """One function: who may call it, the event that says it was called, and a stranger's reason."""

    who: str
    event: str
    reason: str = ""
    call: tuple[Any, ...] = ()


Z = "0x" + "00" * 20
WORDS = packed([1, 1, 1])

RULES: dict[tuple[str, str], Rule] = {
    ("Orchestrator", "create_scenario"): Rule(ANYONE, "ScenarioCreated"),
    ("Orchestrator", "claim_many"): Rule(ANYONE, "Claimed"),
    ("Scenario", "fund"): Rule("federator", "BudgetFunded", "not the federator"),
    ("Scenario", "cancel"): Rule(
        "federator; anyone after the opening deadline", "Cancelled", "not the federator, not overdue"
    ),
    ("Scenario", "withdraw_budget"): Rule("federator", "BudgetWithdrawn", "not the federator"),
    ("Scenario", "allow_clients"): Rule("federator", "ClientAllowed", "not the federator", ([], [])),
    ("Scenario", "join"): Rule("allowed clients", "ClientJoined", "not on the allow-list", (False,)),
    ("Scenario", "deposit_tokens"): Rule("client", "TokensDeposited", "not a client"),
    ("Scenario", "withdraw_tokens"): Rule("client", "TokensWithdrawn", "not a client"),
    ("Scenario", "deposit_numeraire"): Rule(ANYONE, "NumeraireDeposited"),
    ("Scenario", "withdraw_numeraire"): Rule("depositor", "NumeraireWithdrawn", "nothing to withdraw"),
    ("Scenario", "open_market"): Rule("federator", "MarketOpened", "not the federator", ([], 0, 0)),
    ("Scenario", "top_up"): Rule(ANYONE, "ToppedUp"),
    ("Scenario", "join_late"): Rule("allowed clients", "ClientJoined", "not on the allow-list", (0, 0)),
    ("Scenario", "open_round"): Rule(
        "federator; anyone once overdue", "RoundOpened", "not the federator, not overdue"
    ),
    ("Scenario", "submit_scores"): Rule(
        "federator", "ScoresSubmitted", "not the federator", (1, WORDS, NO_EVIDENCE)
    ),
    ("Scenario", "replace_scores"): Rule(
        "Challenges", "ScoresReplaced", "not the court of challenges", (1, WORDS, NO_EVIDENCE, 0)
    ),
    ("Scenario", "finalize_round"): Rule(ANYONE, "RoundFinalized"),
    ("Scenario", "finalize_without_scores"): Rule(ANYONE, "RoundFinalized"),
    ("Scenario", "pay_reward"): Rule("client token", "Claimed", "not the client's token", (0, Z, 1)),
    ("Scenario", "pay_pool_reward"): Rule("pool", "Claimed", "not what a pool has earned", (Z, 1)),
    ("Challenges", "escrow_bond"): Rule("Scenario", "BondEscrowed", "not the scenario", (1,)),
    ("Challenges", "slice_bond"): Rule("Scenario", "BondSliced", "not the scenario", (1,)),
    ("Challenges", "withdraw_bond"): Rule("anyone, for the federator", "BondWithdrawn"),
    ("Challenges", "challenge"): Rule(
        "client or holder", "Challenged", "neither a client nor a holder", (1, 0, EVIDENCE)
    ),
    ("Challenges", "uphold_scores"): Rule("arbiter", "ScoresUpheld", "not the arbiter", (1,)),
    ("Challenges", "replace_scores"): Rule(
        "arbiter", "ChallengeRewarded", "not the arbiter", (1, WORDS, EVIDENCE)
    ),
    ("Challenges", "withdraw_challenge_bond"): Rule("anyone, for the challenger", "ChallengeBondWithdrawn"),
    ("ClientToken", "initialize"): Rule(
        "Scenario, once", "Transfer", "already initialised", (Z, 0, 10**9, 0, 0, False)
    ),
    ("ClientToken", "list_in_pool"): Rule("Scenario", "Transfer", "not the scenario", (Z, 0)),
    ("ClientToken", "release"): Rule(
        "pool or Scenario", "Transfer", "not a pool and not the scenario", (Z, 0)
    ),
    ("ClientToken", "transfer"): Rule("holder", "Transfer", "balance too small", ("0x" + "77" * 20, 1)),
    ("ClientToken", "transferFrom"): Rule(
        "who has an allowance", "Transfer", "allowance too small", ("0x" + "66" * 20, "0x" + "77" * 20, 1)
    ),
    ("ClientToken", "approve"): Rule("holder", "Approval"),
    ("ClientToken", "permit"): Rule(
        "anyone, with the holder's signature",
        "Approval",
        "permit: not signed by the owner",
        ("0x" + "66" * 20, Z, 1, FOREVER, 27, b"\0" * 32, b"\0" * 32),
    ),
    ("ClientToken", "claim"): Rule("holder", "Claimed"),
    ("ClientToken", "claim_for"): Rule("anyone, for the holder", "Claimed"),
    ("Pool", "swap_exact_in"): Rule(ANYONE, "Swap"),
    ("Pool", "swap_exact_out"): Rule(ANYONE, "Swap"),
    ("Pool", "add_liquidity"): Rule(ANYONE, "LiquidityAdded"),
    ("Pool", "remove_liquidity"): Rule(
        "holder", "LiquidityRemoved", "balance too small", (1, [0] * 4, "0x" + "77" * 20, FOREVER)
    ),
    ("Pool", "add_single_asset"): Rule(ANYONE, "SingleAssetAdded"),
    ("Pool", "remove_single_asset"): Rule(
        "holder", "SingleAssetRemoved", "balance too small", (0, 10**9, 0, "0x" + "77" * 20, FOREVER)
    ),
    ("Pool", "harvest"): Rule(ANYONE, "Harvested"),
    ("Pool", "transfer"): Rule("holder", "Transfer", "balance too small", ("0x" + "77" * 20, 1)),
    ("Pool", "transferFrom"): Rule(
        "who has an allowance", "Transfer", "allowance too small", ("0x" + "66" * 20, "0x" + "77" * 20, 1)
    ),
    ("Pool", "approve"): Rule("holder", "Approval"),
    ("Pool", "permit"): Rule(
        "anyone, with the holder's signature",
        "Approval",
        "permit: not signed by the owner",
        ("0x" + "66" * 20, Z, 1, FOREVER, 27, b"\0" * 32, b"\0" * 32),
    ),
    ("Pool", "claim"): Rule("holder", "Claimed"),
    ("Pool", "claim_for"): Rule("anyone, for the holder", "Claimed"),
}

RESTRICTED = sorted(key for key, rule in RULES.items() if rule.reason)
BEFORE_OPENING = {
    "fund",
    "cancel",
    "withdraw_budget",
    "join",
    "deposit_tokens",
    "withdraw_tokens",
    "open_market",
}


def entries(name: str) -> list[str]:
    """Functions of a contract's ABI that can change state."""
    return [
        entry["name"]
        for entry in abi_of(name)
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    ]


def abi_of(name: str) -> list[dict[str, Any]]:
    """The ABI as the sources have it now."""
    return build_abi_output(compiled(name).compiler_data)  # type: ignore[no-any-return]


def test_the_table_is_about_every_function_and_no_other() -> None:
    assert {(name, entry) for name in CONTRACTS for entry in entries(name)} == set(RULES)


def test_no_function_takes_ether() -> None:
    for name in CONTRACTS:
        assert all(entry.get("stateMutability") != "payable" for entry in abi_of(name))


@pytest.fixture
def registered(chain: None) -> Federation:
    """Before the opening, with an allow-list."""
    federation = Federation(open_registration=False, late_joins=True).fund()
    clients = [boa.env.generate_address(f"client {k}") for k in range(3)]
    federation.scenario.allow_clients(clients, [], sender=federation.federator)
    for client in clients:
        federation.tokens.append(compiled("ClientToken").at(federation.scenario.join(True, sender=client)))
        federation.clients.append(client)
    return federation.deposit()


@pytest.fixture
def challenged(registered: Federation) -> Federation:
    """Open, a round scored."""
    federation = Federation(
        open_registration=False, late_joins=True, challenge_window=3600, ruling_period=DAY
    ).fund()
    federation.scenario.allow_clients(registered.clients, [], sender=federation.federator)
    for client in registered.clients:
        federation.tokens.append(compiled("ClientToken").at(federation.scenario.join(True, sender=client)))
        federation.clients.append(client)
    federation.deposit().start()
    federation.pass_time(3600)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 1, 1])
    return federation


@pytest.mark.parametrize(("name", "function"), RESTRICTED)
def test_a_stranger_is_told_why_not(
    registered: Federation, challenged: Federation, name: str, function: str
) -> None:
    federation = registered if function in BEFORE_OPENING else challenged
    if function == "open_round":
        challenged.pass_time(3600)
        challenged.scenario.finalize_round(1, WORDS)
    contract = {
        "Scenario": federation.scenario,
        "Challenges": federation.challenges,
        "ClientToken": federation.tokens[0],
        "Pool": federation.pool,
    }[name]
    rule = RULES[name, function]
    with refused(rule.reason):
        getattr(contract, function)(*rule.call, sender=federation.attacker)


def privileged_steps() -> list[tuple[str, str, Callable[[Federation], Any]]]:
    """Calls that only a role may make, in the order of a federation's life."""
    return [
        ("Scenario", "allow_clients", lambda f: f.scenario.allow_clients([f.lp], [], sender=f.federator)),
        ("Scenario", "open_round", lambda f: f.scenario.open_round(sender=f.federator)),
        ("Scenario", "submit_scores", lambda f: f.submit([1, 1, 1])),
        ("Challenges", "challenge", lambda f: f.challenge(f.clients[0])),
        (
            "Challenges",
            "replace_scores",
            lambda f: (
                f.pass_time(3600),
                f.challenges.replace_scores(1, packed([2, 1, 1]), EVIDENCE, sender=f.arbiter_account),
            ),
        ),
    ]


def test_every_privileged_call_of_an_open_federation_is_logged() -> None:
    federation = Federation(late_joins=True, challenge_window=3600, ruling_period=DAY, bond=10**11).open(3)
    for name, function, step in privileged_steps():
        step(federation)
        contract = federation.scenario if name == "Scenario" else federation.challenges
        names = {type(log).__name__ for log in contract.get_logs(strict=False)}
        assert RULES[name, function].event in names, function


def test_the_events_named_exist() -> None:
    known = {entry["name"] for name in CONTRACTS for entry in abi_of(name) if entry["type"] == "event"}
    assert {rule.event for rule in RULES.values()} <= known


def test_the_specification_has_the_same_table() -> None:
    text = (ROOT / "SPEC.md").read_text()
    section = text.split("## Who may call what", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| (.+?) \| `(\w+)` \|$", section, flags=re.M)
    assert {(name, function): (who, event) for name, function, who, event in rows} == {
        key: (rule.who, rule.event) for key, rule in RULES.items()
    }
