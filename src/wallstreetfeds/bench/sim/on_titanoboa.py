"""The market of the swaps once more: our contracts, from their shipped bytecode, on titanoboa's chain."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, Final

import numpy as np
from eth_abi.abi import encode
from numpy.typing import NDArray

from wallstreetfeds.bench.sim.sizes import Sizes
from wallstreetfeds.bench.sim.swap_market import (
    BUDGET,
    DECIMALS,
    DEPOSIT,
    FUNDS,
    ROUNDS,
    SUPPLY,
    tokens_each,
    trader_names,
)
from wallstreetfeds.chain import Terms
from wallstreetfeds.chain.artifacts import artifact
from wallstreetfeds.sim.model.batch import Orders
from wallstreetfeds.units import TOKEN

DAY: Final = 86_400
WHOLE: Final = 10**DECIMALS
FOREVER: Final = 2**256 - 1


class TitanoboaMarket:
    """An open market on a chain of its own, called as tests call contracts.  Amounts are whole tokens.

    Raises ModuleNotFoundError without titanoboa.
    """

    def __init__(self, sizes: Sizes) -> None:
        self._boa: Any = import_module("boa")
        with self._boa.swap_env(self._boa.environment.Env()):
            self._env = self._boa.env
            self._open(sizes)
        self._units = [WHOLE, *[TOKEN] * (sizes.assets - 1)]

    def fill(self, orders: Orders) -> NDArray[np.float64]:
        """Make the swaps one by one; returns what each gave, (orders,).  Raises BoaError at a refusal."""
        units, traders, swap = self._units, self._traders, self._pool.swap_exact_in
        fills = np.empty(len(orders.traders))
        columns = (orders.traders, orders.assets_in, orders.assets_out, orders.amounts_in)
        for k, (who, i, j, amount) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            trader = traders[who]
            out = swap(i, j, round(amount * units[i]), 0, trader, FOREVER, sender=trader)
            fills[k] = out / units[j]
        return fills

    def _open(self, sizes: Sizes) -> None:
        """Create the federation, let everybody in, open the market and equip the traders."""
        make, env = self._env.generate_address, self._env
        federator, clients = make("federator"), [make(f"client {k}") for k in range(sizes.assets - 1)]
        self._traders = [make(name) for name in trader_names(sizes)]
        numeraire = self._at("DemoNumeraire", self._deployed("DemoNumeraire", ["uint8"], [DECIMALS]))
        terms = Terms(
            numeraire=str(numeraire.address),
            budget=BUDGET * WHOLE,
            rounds=ROUNDS,
            supply=SUPPLY * TOKEN,
            open_registration=True,
            opening_deadline=env.timestamp + DAY,
            opening_period=0,
        ).complete()
        scenario = self._at(
            "Scenario", self._platform().create_scenario(terms.as_tuple(), [], sender=federator)
        )
        numeraire.mint(federator, (BUDGET + DEPOSIT) * WHOLE + terms.full_bond())
        numeraire.approve(scenario.address, FOREVER, sender=federator)
        scenario.fund(sender=federator)
        scenario.deposit_numeraire(DEPOSIT * WHOLE, sender=federator)
        tokens = [self._at("ClientToken", scenario.join(True, sender=client)) for client in clients]
        self._pool = self._at("Pool", scenario.open_market([federator], 0, 0, sender=federator))
        for trader in self._traders:
            numeraire.mint(trader, FUNDS * WHOLE)
            numeraire.approve(self._pool.address, FOREVER, sender=trader)
            for client, token in zip(clients, tokens, strict=True):
                token.transfer(trader, tokens_each(sizes) * TOKEN, sender=client)
                token.approve(self._pool.address, FOREVER, sender=trader)

    def _platform(self) -> Any:
        """Deploy what every federation is made by."""
        blueprints = [
            self._code(artifact(name).blueprint_bytecode) for name in ("Scenario", "Pool", "Challenges")
        ]
        parts = [*blueprints, self._deployed("ClientToken", [], [])]
        return self._at("Orchestrator", self._deployed("Orchestrator", ["address"] * 4, parts))

    def _deployed(self, name: str, kinds: list[str], arguments: list[Any]) -> str:
        return self._code(artifact(name).bytecode + encode(kinds, arguments))

    def _code(self, code: bytes) -> str:
        address, _ = self._env.deploy_code(bytecode=code)
        return str(address)

    def _at(self, name: str, address: Any) -> Any:
        return self._boa.loads_abi(json.dumps(artifact(name).abi), name=name).at(address)
