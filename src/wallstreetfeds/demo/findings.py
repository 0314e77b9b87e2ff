"""What follows from a run: who got the rewards, what providing liquidity was worth, on which versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

import numpy as np

from wallstreetfeds.chain import Scenario
from wallstreetfeds.chain.ledger import Ledger
from wallstreetfeds.demo.result import Liquidity
from wallstreetfeds.records import Record
from wallstreetfeds.sim.recorder import Snapshot

PACKAGES = ("wallstreetfeds", "flwr", "numpy", "py-evm", "web3")


def receivers(scenario: Scenario, records: Iterable[Record]) -> list[tuple[int, int, int]]:
    """Return who each client's rewards went to: the client, investors, liquidity providers.

    Numeraire units that add up to the reward of its token, by who held the token at the record dates,
    whether claimed or not; fractions of a unit are counted with the liquidity providers.
    """
    quantum = scenario.quantum()
    ledger = Ledger(
        tokens=[token.address for token in scenario.tokens()],
        pools=[pool.address for pool in scenario.pools()],
        quantum=quantum,
    )
    for record in records:
        ledger.apply(record)
    found = []
    for k, client in enumerate(scenario.clients()):
        reward = sum(units[k] for units in ledger.rewards.values()) * quantum
        owed, supply = ledger.numerators[k], ledger.supplies[k]
        kept = owed[client] * quantum // supply
        others = sum(amount for holder, amount in owed.items() if holder != client) * quantum // supply
        found.append((kept, others, reward - kept - others))
    return found


def liquidity(snapshots: Sequence[Snapshot], rewards: Sequence[Sequence[float]], supply: float) -> Liquidity:
    """Return what the pool was worth to its providers, and what holding their deposit would have been.

    `snapshots`: at the opening, after the first trades, after every round; so number r is the market at the
    record date of round r.  `rewards` (rounds, clients) in whole numeraire; `supply` of each token, whole.
    Nobody joins the pool or leaves it in between.
    """
    deposit = snapshots[0].reserves
    earned = kept = 0.0
    provided, held = [], []
    for number, snapshot in enumerate(snapshots):
        paid = number - 1  # rounds paid when this snapshot was taken
        if paid >= 1:
            reward = np.asarray(rewards[paid - 1]) / supply
            earned += float(snapshots[paid].reserves[1:] @ reward)
            kept += float(deposit[1:] @ reward)
        provided.append(float(snapshot.reserves[0] + snapshot.reserves[1:] @ snapshot.prices) + earned)
        held.append(float(deposit[0] + deposit[1:] @ snapshot.prices) + kept)
    return Liquidity(provided, held)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide the figures of a run."""
    found = {"python": python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
