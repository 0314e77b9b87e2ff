"""Gas of our own contracts, on the same kind of node and in the same steady state as that of the peers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

from eth_account.signers.local import LocalAccount

from wallstreetfeds.bench.stage import UNLIMITED, Paid, Stage, own_node
from wallstreetfeds.chain import Receipt, Scenario, Terms, deploy_numeraire, deploy_platform

BUDGET: Final = 10**12
ROUNDS: Final = 64
DECIMALS: Final = 6
DAY: Final = 86_400
TOKEN: Final = 10**12
NO_DEADLINE: Final = 2**48
SHARES: Final = 10**12
"""LP shares that a proportional join or exit moves: a thousandth of those at the opening."""


def measure(
    sizes: Sequence[int] = (2, 10, 50), progress: Callable[[str], None] | None = None
) -> dict[str, dict[str, int]]:
    """Return the gas of every operation, by number of clients ("50") and operation ("swap").

    Gas is that of a transaction's receipt in the steady state that `Stage.steady` defines: tokens touched in
    an earlier round, the recipient has held everything before, 12 seconds since the last block, no opening
    fee, no gate, no challenge window, equal supplies.  `swap` is the dearer of both directions between
    numeraire and client, for a thousandth of a balance or less; `swap_large` takes a tenth of a balance.
    `harvest` is the part of `finalize` that the pool spends.  Raises AnvilError, ContractError.
    """
    tell = progress or (lambda _: None)
    found: dict[str, dict[str, int]] = {}
    for size in sizes:
        tell(f"our contracts with {size} clients")
        with own_node() as session:
            found[str(size)] = _Federation(Stage.on(session), size).measure()
    return found


class _Federation:
    """A federation with an open market, a trader who has everything, and rounds that have been paid."""

    def __init__(self, stage: Stage, size: int) -> None:
        self.stage = stage
        self.size = size
        self.rng = random.Random(size)
        session, deployer = stage.session, stage.deployer
        self.trader = stage.trader
        self.federator = session.account("federator")
        self.clients = [session.account(f"client-{k}") for k in range(size)]
        self.numeraire = deploy_numeraire(session, deployer, decimals=DECIMALS)
        for account in (self.federator, self.trader, deployer):
            self.numeraire.mint(account.address, 100 * BUDGET, sender=deployer)
        platform = deploy_platform(session, deployer)
        terms = Terms(
            numeraire=self.numeraire.address,
            budget=BUDGET,
            rounds=ROUNDS,
            open_registration=True,
            opening_deadline=session.timestamp() + DAY,
            opening_period=0,
        )
        created = platform.create_scenario(terms, (), sender=self.federator)
        self.scenario = Scenario(session, created.value)
        self.numeraire.approve(self.scenario.address, UNLIMITED, sender=self.federator)
        self.scenario.fund(sender=self.federator)
        self.scenario.deposit_numeraire(BUDGET // 5, sender=self.federator)
        # The last one to join meets the usual state: others have joined before it.
        self.join = [self.scenario.join(True, sender=client).gas_used for client in self.clients][-1]
        self.scenario.open_market([self.federator.address], 0, 0, sender=self.federator)
        self.pool = self.scenario.market()
        self.tokens = self.scenario.tokens()
        self._equip(self.trader)

    def _equip(self, trader: LocalAccount) -> None:
        self.numeraire.approve(self.pool.address, UNLIMITED, sender=trader)
        for token, client in zip(self.tokens, self.clients, strict=True):
            token.transfer(trader.address, 100_000 * TOKEN, sender=client)
            token.approve(self.pool.address, UNLIMITED, sender=trader)

    def measure(self) -> dict[str, int]:
        for _ in range(2):
            self._round()
            self._touch_everything()
        gas = self._trades()
        gas |= self._liquidity()
        gas |= self._rounds()
        gas |= self._claims()
        gas["join_federation"] = self.join
        return gas

    def _swap(self, asset_in: int, asset_out: int, amount: int) -> Receipt[int]:
        return self.pool.swap_exact_in(
            asset_in, asset_out, amount, 0, self.trader.address, NO_DEADLINE, sender=self.trader
        )

    def _touch_everything(self) -> None:
        """Move a little of every asset through the pool: each word is then as a round leaves it."""
        everything = [UNLIMITED] * (self.size + 1)
        self.pool.add_liquidity(SHARES, everything, NO_DEADLINE, sender=self.trader)

    def _trades(self) -> dict[str, int]:
        steady = self.stage.steady
        share = self.pool.balance_of_asset(1) // 1000
        spend = BUDGET // 5 // 1000 // self.size
        large = self.pool.balance_of_asset(1) // 10
        both = (
            steady(lambda: self._swap(0, 1, spend)),
            steady(lambda: self._swap(1, 0, share)),
        )
        return {
            "swap": max(both),
            "swap_clients": steady(lambda: self._swap(1, 2, share)),
            "swap_large": steady(lambda: self._swap(1, 2, large)),
        }

    def _liquidity(self) -> dict[str, int]:
        steady, pool, trader = self.stage.steady, self.pool, self.trader
        none, everything = [0] * (self.size + 1), [UNLIMITED] * (self.size + 1)
        amount = self.pool.balance_of_asset(1) // 1000
        shares = SHARES // 10

        def leave_all() -> Receipt[tuple[int, ...]]:
            return pool.remove_liquidity(shares, none, trader.address, NO_DEADLINE, sender=trader)

        return {
            "join_single": steady(lambda: pool.add_single_asset(1, amount, 0, NO_DEADLINE, sender=trader)),
            "exit_single": steady(
                lambda: pool.remove_single_asset(
                    1, shares // self.size, 0, trader.address, NO_DEADLINE, sender=trader
                )
            ),
            "join_all": steady(lambda: pool.add_liquidity(shares, everything, NO_DEADLINE, sender=trader)),
            "exit_all": steady(leave_all),
        }

    def _round(self) -> dict[str, int]:
        self.stage.session.advance_time(60)
        opened = self.scenario.open_round(sender=self.federator)
        scores = self._scores()
        submitted = self.scenario.submit_scores(opened.value, scores, b"\1" * 32, sender=self.federator)
        paid = self.scenario.finalize_round(opened.value, scores, sender=self.trader)
        return {
            "open_round": opened.gas_used,
            "submit": submitted.gas_used,
            "finalize": paid.gas_used,
            "harvest": self._spent_in(paid.hash, self.pool.address),
        }

    def _scores(self) -> list[int]:
        """Scores that sum to 10^9, every client's within a tenth of the mean."""
        mean = 10**9 // self.size
        scores = [mean + self.rng.randrange(-mean // 10, mean // 10) for _ in range(self.size - 1)]
        return [*scores, 10**9 - sum(scores)]

    def _spent_in(self, transaction: str, contract: str) -> int:
        """Gas that a transaction spent in its calls to a contract."""
        trace = self.stage.session.node.request(
            "debug_traceTransaction", transaction, {"tracer": "callTracer"}
        )
        calls = trace.get("calls", [])
        return sum(int(call["gasUsed"], 16) for call in calls if call["to"] == contract.lower())

    def _rounds(self) -> dict[str, int]:
        self._round()
        return self._round()

    def _claims(self) -> dict[str, int]:
        token, trader = self.tokens[0], self.trader
        token.claim(sender=trader)
        self._round()
        token.transfer(self.clients[0].address, TOKEN, sender=trader)
        transfer = self._after_a_round(lambda: token.transfer(self.clients[0].address, TOKEN, sender=trader))
        token.claim(sender=trader)
        claims = {"transfer": transfer}
        claims["claim_1_round"] = self._after_a_round(lambda: token.claim(sender=trader))
        for _ in range(19):
            self._round()
        claims["claim_20_rounds"] = self._after_a_round(lambda: token.claim(sender=trader))
        claims["claim_lp"] = self._after_a_round(lambda: self.pool.claim(sender=trader))
        return claims

    def _after_a_round(self, operation: Callable[[], Paid]) -> int:
        self._round()
        self.stage.session.advance_time(12)
        return operation().gas_used
