"""Who may call what: every function that changes state, who may, what a stranger hears, what is logged."""

import re
from typing import Any

import boa
import pytest
from onchain.rules import CONTRACTS, RULES, WORDS
from onchain.world import (
    DAY,
    ROOT,
    Federation,
    compiled,
    refused,
)
from vyper.compiler.output import build_abi_output

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
