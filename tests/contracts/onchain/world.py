"""A federation on titanoboa's chain: the contracts, the actors by role, and the steps of its life."""

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boa
import pytest
from boa import BoaError, interpret
from boa.contracts.vyper.vyper_contract import VyperContract
from eth_abi import decode

ROOT = Path(__file__).resolve().parents[3]
SOURCES = Path(os.environ.get("WSF_CONTRACTS", ROOT / "src" / "wallstreetfeds" / "contracts"))
MOCKS = Path(__file__).resolve().parents[1] / "mocks"

interpret.set_cache_dir(os.environ.get("WSF_CONTRACTS_CACHE", str(ROOT / ".cache" / "titanoboa")))
interpret.set_search_paths([str(SOURCES)])

# titanoboa writes a contract's whole storage out for every revert: slow, and it fails on some mappings.
VyperContract.__repr__ = lambda contract: f"<{contract.compiler_data.contract_path} at {contract.address}>"

WAD = 10**18
TOKEN = 10**12
DAY = 86_400
FOREVER = 2**256 - 1
ZERO = "0x" + "00" * 20
NO_EVIDENCE = b"\0" * 32
EVIDENCE = b"\1" * 32

OPENING_SHARES = 10**15
LOCKED_SHARES = 10**6

TERMS: dict[str, Any] = {
    "numeraire": None,
    "budget": 10**12,
    "rounds": 4,
    "supply": 10**18,
    "max_clients": 64,
    "open_registration": True,
    "late_joins": False,
    "listed": 2 * 10**17,
    "retained": 0,
    "score_cap": 4 * WAD,
    "opening_deadline": None,
    "bond": 0,
    "arbiter": ZERO,
    "challenge_window": 0,
    "ruling_period": 0,
    "challenge_bond": 5 * 10**16,
    "training_time": 0,
    "round_deadline": 7 * DAY,
    "round_gap": 7 * DAY,
    "gate": ZERO,
    "swap_fee": 3 * 10**15,
    "opening_fee": 9 * 10**17,
    "opening_period": 3600,
    "clock": True,
}


@cache
def compiled(name: str) -> Any:
    """Deployer of a contract of the project, or of one of the mocks beside the tests."""
    source = SOURCES / f"{name}.vy"
    return boa.load_partial(str(source if source.exists() else MOCKS / f"{name}.vy"))


@cache
def orchestrator() -> Any:
    """The one Orchestrator of this process."""
    return compiled("Orchestrator").deploy(
        compiled("Scenario").deploy_as_blueprint().address,
        compiled("Pool").deploy_as_blueprint().address,
        compiled("Challenges").deploy_as_blueprint().address,
        compiled("ClientToken").deploy().address,
    )


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """The call inside reverts with exactly this reason; empty for a revert without any (lock, overflow)."""
    with pytest.raises(BoaError) as caught:
        yield
    assert revert_reason(caught.value) == reason


def revert_reason(error: BoaError) -> str:
    """What the outermost call reverted with."""
    output = error.call_trace.output
    if output[:4] == bytes.fromhex("08c379a0"):
        return str(decode(["string"], output[4:])[0])
    assert output == b""
    return ""


def events(contract: Any, name: str) -> list[Any]:
    """Events of this name and this contract that its last call logged."""
    return [
        log
        for log in contract.get_logs(strict=False)
        if type(log).__name__ == name and str(log.address) == str(contract.address)
    ]


def event(contract: Any, name: str) -> dict[str, Any]:
    """The one event of this name, as a dictionary."""
    (log,) = events(contract, name)
    return {field: value for field, value in log._asdict().items() if field != "address"}


def packed(scores: Sequence[int]) -> list[int]:
    """Scores as the contracts take them: eight words of eight scores, 32 bits each, the first one lowest."""
    padded = [*scores, *[0] * (64 - len(scores))]
    return [sum(padded[8 * w + k] << (32 * k) for k in range(8)) for w in range(8)]


class Federation:
    """One federation and its actors; every step returns the federation."""

    def __init__(
        self,
        numeraire: Any = None,
        decimals: int = 6,
        federator: Any = None,
        schedule: Sequence[int] = (),
        **terms: Any,
    ) -> None:
        self.numeraire = numeraire or compiled("DemoNumeraire").deploy(decimals)
        self.federator = federator or boa.env.generate_address("federator")
        self.investor = boa.env.generate_address("investor")
        self.lp = boa.env.generate_address("lp")
        self.attacker = boa.env.generate_address("attacker")
        self.arbiter_account = boa.env.generate_address("arbiter")
        self.clients: list[Any] = []
        self.tokens: list[Any] = []
        self.pool: Any = None
        self.terms = (
            TERMS
            | {
                "numeraire": self.numeraire.address,
                "opening_deadline": boa.env.timestamp + 30 * DAY,
            }
            | terms
        )
        if self.terms["challenge_window"] > 0 and self.terms["arbiter"] == ZERO:
            self.terms["arbiter"] = self.arbiter_account
        self.schedule = list(schedule)
        self.orchestrator = orchestrator()
        order = (tuple(self.terms.values()), self.schedule)
        self.scenario = compiled("Scenario").at(
            self.orchestrator.create_scenario(*order, sender=self.federator)
        )
        self.challenges = compiled("Challenges").at(self.scenario.challenges())

    def copy(self) -> "Federation":
        """The same contracts with a book of clients of its own."""
        other = copy.copy(self)
        other.clients = list(self.clients)
        other.tokens = list(self.tokens)
        return other

    def __getattr__(self, name: str) -> Any:
        # federation.budget, federation.rounds, ...: its terms.
        try:
            return self.__dict__["terms"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def listed_amount(self) -> int:
        return int(self.supply * self.listed // WAD)

    def grant(self, actor: Any, amount: int, spender: Any = None) -> None:
        """Give an actor numeraire and let the spender (the Scenario) take it."""
        self.numeraire.mint(actor, amount)
        self.numeraire.approve(spender or self.scenario, FOREVER, sender=actor)

    def fund(self) -> "Federation":
        self.grant(self.federator, self.budget + self.bond)
        self.scenario.fund(sender=self.federator)
        return self

    def join(self, count: int, listed: Callable[[int], bool] = lambda k: True) -> "Federation":
        for _ in range(count):
            k = len(self.clients)
            client = boa.env.generate_address(f"client {k}")
            token = self.scenario.join(listed(k), sender=client)
            self.clients.append(client)
            self.tokens.append(compiled("ClientToken").at(token))
        return self

    def deposit(self, amount: int | None = None) -> "Federation":
        """Numeraire for the opening, three quarters by the federator and one by the LP; by default as much
        as the listed tokens are worth."""
        total = amount or self.budget * self.listed // WAD
        for actor, part in ((self.federator, total - total // 4), (self.lp, total // 4)):
            self.grant(actor, part)
            self.scenario.deposit_numeraire(part, sender=actor)
        return self

    def start(self) -> "Federation":
        """Open the market."""
        providers = [actor for actor in (self.federator, self.lp) if self.scenario.numeraire_deposit(actor)]
        pool = self.scenario.open_market(providers, 0, 0, sender=self.federator)
        self.pool = compiled("Pool").at(pool)
        return self

    def open(self, clients: int, listed: Callable[[int], bool] = lambda k: True) -> "Federation":
        """From nothing to an open market past its opening period."""
        self.fund().join(clients, listed).deposit().start()
        boa.env.time_travel(seconds=self.opening_period)
        return self

    def round(self, scores: Sequence[int] | None = None) -> int:
        """Open, score and pay one round."""
        number = self.scenario.open_round(sender=self.federator)
        self.settle(scores)
        return int(number)

    def settle(self, scores: Sequence[int] | None = None) -> None:
        """Score and pay the open round; without scores an equal split."""
        number = self.clock()[2]
        words = packed(scores or ())
        self.scenario.submit_scores(number, words, NO_EVIDENCE, sender=self.federator)
        self.scenario.finalize_round(number, words)

    def rewards(self, number: int) -> list[int]:
        """Reward units of every client in a paid round."""
        words = self.scenario.reward_words(number)
        return [(words[k // 6] >> (42 * (k % 6))) % 2**42 for k in range(len(self.clients))]

    def mature(self) -> "Federation":
        """Run all rounds that are left."""
        while self.clock()[1] > 0:
            self.round()
        return self

    def clock(self) -> tuple[int, int, int, int]:
        """B, rho, opened, finalised."""
        return tuple(self.scenario.clock())

    def equip(self, actor: Any, numeraire: int = 10**12, tokens: int = 0) -> Any:
        """Give an actor numeraire and, from every client, tokens; all approved for the pool."""
        self.grant(actor, numeraire, self.pool)
        for client, token in zip(self.clients, self.tokens, strict=True):
            if tokens:
                token.transfer(actor, tokens, sender=client)
            token.approve(self.pool, FOREVER, sender=actor)
        return actor

    def pass_time(self, seconds: int) -> "Federation":
        boa.env.time_travel(seconds=seconds)
        return self

    def submit(self, scores: Sequence[int]) -> int:
        """Score the open round."""
        number = self.clock()[2]
        self.scenario.submit_scores(number, packed(scores), NO_EVIDENCE, sender=self.federator)
        return number

    def challenge(self, actor: Any, asset: int = 0) -> int:
        """Object to the open round's scores; returns the bond."""
        self.grant(actor, self.scenario.pot(), self.challenges)
        number = self.clock()[2]
        return int(self.challenges.challenge(number, asset, EVIDENCE, sender=actor))

    def join_late(self, actor: Any, top_up: int | None = None, liquidity: int = 0) -> Any:
        """Let a client in while the market is open; by default with the least top-up."""
        total, supply = self.scenario.total_supply(), self.scenario.allocation(actor) or self.supply
        left = self.scenario.escrow() - self.scenario.pot()
        top_up = -(-left * supply // total) if top_up is None else top_up
        self.grant(actor, top_up + liquidity)
        token = compiled("ClientToken").at(self.scenario.join_late(top_up, liquidity, sender=actor))
        self.clients.append(actor)
        self.tokens.append(token)
        return token

    def swap(self, actor: Any, asset_in: int, asset_out: int, amount: int, **changed: Any) -> int:
        order = {"min_amount_out": 0, "receiver": actor, "deadline": FOREVER} | changed
        return int(self.pool.swap_exact_in(asset_in, asset_out, amount, *order.values(), sender=actor))

    def add(self, actor: Any, shares: int) -> list[int]:
        limits = [FOREVER] * self.pool.asset_count()
        return list(self.pool.add_liquidity(shares, limits, FOREVER, sender=actor))

    def remove(self, actor: Any, shares: int) -> list[int]:
        limits = [0] * self.pool.asset_count()
        return list(self.pool.remove_liquidity(shares, limits, actor, FOREVER, sender=actor))

    def balances(self) -> list[int]:
        """The pool's own books."""
        return [int(self.pool.balance_of_asset(k)) for k in range(self.pool.asset_count())]

    def weights(self) -> list[int]:
        """The weights in force."""
        return [int(self.pool.weight_of_asset(k)) for k in range(self.pool.asset_count())]
