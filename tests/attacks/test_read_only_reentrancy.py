"""Read-only reentrancy (2023): every view of every contract, asked in the middle of every transfer.

The numeraire calls a witness back.  A view that answers must say what it said before the call or what it says
after it; the rest revert, because they are locked.
"""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak
from onchain.thief import pools
from onchain.world import DAY, FOREVER, Federation, compiled, packed

Move = Callable[[Federation], Any]


def selector(entry: dict[str, Any]) -> bytes:
    types = ",".join(item["type"] for item in entry["inputs"])
    return bytes(keccak(text=f"{entry['name']}({types})")[:4])


def arguments(entry: dict[str, Any], account: Any) -> list[Any]:
    """Something sensible for every argument: an account that holds something, 1 and 0, small amounts."""
    numbers = iter([0, 1, 10**9, 0])
    if len(entry["inputs"]) == 1 and entry["name"] not in ("history", "supply_of", "token_at"):
        numbers = iter([1])
    return [account if item["type"] == "address" else next(numbers) for item in entry["inputs"]]


def questions(federation: Federation, accounts: list[Any]) -> list[tuple[str, Any, bytes]]:
    """All views of the Orchestrator, Scenario, Challenges, pools and tokens, for each account that they ask
    for."""
    asked = []
    contracts = [federation.orchestrator, federation.scenario, federation.challenges]
    for contract in (*contracts, *pools(federation), *federation.tokens[:2]):
        for entry in contract.abi:
            if entry["type"] != "function" or entry["stateMutability"] not in ("view", "pure"):
                continue
            types = [item["type"] for item in entry["inputs"]]
            for account in accounts if "address" in types else accounts[:1]:
                data = selector(entry) + encode(types, arguments(entry, account))
                asked.append((entry["name"], contract.address, data))
    return asked


def said(asked: list[tuple[str, Any, bytes]]) -> list[bytes | None]:
    """What the views say now; None where they revert."""
    answers: list[bytes | None] = []
    for _, target, data in asked:
        computation = boa.env.execute_code(to_address=target, data=data)
        answers.append(None if computation.is_error else bytes(computation.output))
    return answers


def two_rounds(federation: Federation) -> None:
    federation.round()
    federation.scenario.open_round(sender=federation.federator)


def scored(federation: Federation) -> None:
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 2, 1])


def challenged(federation: Federation) -> None:
    scored(federation)
    federation.challenge(federation.clients[0])
    federation.pass_time(DAY)


def replaced(federation: Federation) -> None:
    challenged(federation)
    federation.challenges.replace_scores(1, packed([1, 1, 1]), b"\1" * 32, sender=federation.arbiter_account)


def overdue(federation: Federation) -> None:
    federation.scenario.open_round(sender=federation.federator)
    federation.pass_time(federation.round_deadline)


def nothing(federation: Federation) -> None:
    pass


MOVES: dict[str, tuple[Move, Move]] = {
    "buy": (nothing, lambda f: f.swap(f.investor, 0, 1, 10**9)),
    "sell": (nothing, lambda f: f.swap(f.clients[0], 1, 0, 10**15)),
    "join": (nothing, lambda f: f.add(f.equip(f.investor), 10**9)),
    "join_with_one": (
        nothing,
        lambda f: f.pool.add_single_asset(0, 10**9, 0, FOREVER, sender=f.investor),
    ),
    "exit": (nothing, lambda f: f.remove(f.lp, 10**12)),
    "exit_with_one": (
        nothing,
        lambda f: f.pool.remove_single_asset(0, 10**12, 0, f.lp, FOREVER, sender=f.lp),
    ),
    "claim": (two_rounds, lambda f: f.tokens[0].claim(sender=f.clients[0])),
    "claim_of_an_lp": (two_rounds, lambda f: f.pool.claim(sender=f.lp)),
    "claim_many": (
        two_rounds,
        lambda f: f.orchestrator.claim_many([f.tokens[0].address, f.pool.address], [f.clients[0], f.lp]),
    ),
    "top_up": (nothing, lambda f: f.scenario.top_up(10**9, sender=f.investor)),
    "join_late": (nothing, lambda f: f.join_late(f.attacker, liquidity=10**10)),
    "challenge": (scored, lambda f: f.challenges.challenge(1, 1, b"\1" * 32, sender=f.clients[0])),
    "ruling": (
        challenged,
        lambda f: f.challenges.replace_scores(1, packed([1, 1, 1]), b"\1" * 32, sender=f.arbiter_account),
    ),
    "challengers_bond": (
        replaced,
        lambda f: f.challenges.withdraw_challenge_bond(1, f.clients[0]),
    ),
    "slice": (overdue, lambda f: f.scenario.finalize_without_scores(1)),
    "bond": (Federation.mature, lambda f: f.challenges.withdraw_bond()),
}


@pytest.mark.parametrize("name", MOVES)
def test_no_view_tells_of_a_state_that_never_was(name: str) -> None:
    federation = Federation(
        numeraire=compiled("CallbackNumeraire").deploy(),
        bond=10**11,
        late_joins=True,
        challenge_window=0 if name in ("claim", "claim_of_an_lp", "claim_many", "bond") else DAY,
        ruling_period=DAY,
    ).open(3)
    prepare, move = MOVES[name]
    prepare(federation)
    for actor in (federation.investor, federation.clients[0]):
        federation.numeraire.mint(actor, 10**12)
    for token, client in zip(federation.tokens, federation.clients, strict=True):
        token.transfer(federation.investor, 10**16, sender=client)
        token.approve(federation.pool, FOREVER, sender=client)
        token.approve(federation.pool, FOREVER, sender=federation.investor)
    asked = questions(federation, [federation.investor, federation.clients[0], federation.lp])
    assert len(asked) > 140
    before = said(asked)
    with boa.env.anchor():
        move(federation)
        after = said(asked)
    witness = compiled("Witness").deploy()
    for _, target, data in asked:
        witness.ask(target, data)
    for transfer in range(1, 5):
        with boa.env.anchor():
            federation.numeraire.arm(witness, transfer)
            move(federation)
            if witness.called() == 0:
                assert transfer > 1
                break
            answered = 0
            for k, (view, _, _) in enumerate(asked):
                success, answer = witness.heard(k)
                answered += success
                assert not success or bytes(answer) in (before[k], after[k]), view
            assert answered > 10
