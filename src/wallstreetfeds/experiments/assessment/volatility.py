"""How much pay moves with the aggregator: real Flower strategies, the same clients, the authors' measure.

Source: Geimer, Fiz Pontiveros, State (2025), "On the Volatility of Shapley-Based Contribution Metrics in
Federated Learning", arXiv 2405.08044: shares of data by a symmetric Dirichlet distribution, a client's pay is
sum over rounds t of (R - t) / R times its Shapley value in round t, and what is measured is the squared
distance of pay shares to shares of data, times 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from wallstreetfeds.contribution import Contributions, early_rounds_weigh_more, over_rounds
from wallstreetfeds.experiments.assessment.methods import DEFAULT, VALUATIONS
from wallstreetfeds.experiments.assessment.valuation import Valuation, value_rounds
from wallstreetfeds.experiments.federations import SETTINGS, federation
from wallstreetfeds.experiments.statistics import pay_shares
from wallstreetfeds.federation import quiet_flower, run_locally
from wallstreetfeds.federation.inner import inner_strategy
from wallstreetfeds.federation.tasks.base import Arrays, Partition, Split, Task
from wallstreetfeds.sim.learning.federations import Federation
from wallstreetfeds.sim.learning.networks import Floats, log_losses, logits, stacked
from wallstreetfeds.sim.learning.training import Recipe, Round, train_locally

PROXIMAL: Final = 0.1
"""FedProx's mu."""

VALUED: Final = {
    DEFAULT: VALUATIONS[DEFAULT],
    "shapley, renormalised": VALUATIONS["shapley, renormalised"],
    "shapley, renormalised accuracy": Valuation("exact", absent="left out", metric="accuracy"),
}
"""How rounds are valued: our default, and with the coalitions and the utility that are usual."""


def lemma(clients: int, alpha: float) -> float:
    """Return Lemma 1's expected squared distance of equal pay to data shares: (n - 1) / (n^2 alpha + n).

    Data shares are symmetric Dirichlet(alpha) over n clients; the distance is the sum over clients of their
    variance, (1/n) (1 - 1/n) / (n alpha + 1) each.
    """
    return (clients - 1) / (clients**2 * alpha + clients)


def simulated(clients: int, alpha: float, draws: int, seed: int) -> tuple[float, float]:
    """Return the mean squared distance over `draws` Dirichlet draws, and its standard error."""
    shares = np.random.default_rng(seed).dirichlet(np.full(clients, alpha), size=draws)
    distances = ((shares - 1.0 / clients) ** 2).sum(axis=1)
    return float(distances.mean()), float(distances.std(ddof=1) / np.sqrt(draws))


def distance(shares: Floats, data_shares: Floats) -> float:
    """Return the authors' measure: 100 times the squared distance."""
    return float(100.0 * ((shares - data_shares) ** 2).sum())


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the distance of every strategy's pay to data shares, on one split of a data set.

    `settings`: `federation` (a key of SETTINGS), `alpha`, `clients`, `rounds`, `seed`, `strategies` (names).
    Clients hold Dirichlet(alpha) shares of the rows, all of one distribution. Every strategy starts from the
    same model with the same clients and seeds, and weights clients by rows. Each round is valued in the ways
    of `VALUED`.
    """
    quiet_flower()
    clients, rounds, seed = int(settings["clients"]), int(settings["rounds"]), int(settings["seed"])
    setting = SETTINGS[settings["federation"]]
    data = federation(setting, "sizes", clients, seed, alpha=float(settings["alpha"]))
    data_shares = data.sizes / data.sizes.sum()
    strategies: dict[str, Any] = {}
    for name in settings["strategies"]:
        proximal = PROXIMAL if name == "FedProx" else 0.0
        recipe = replace(setting.recipe, proximal=proximal)
        by_round, loss = run(data, inner_strategy(name), recipe, rounds, seed)
        weights = early_rounds_weigh_more(rounds)
        shares = {way: pay_shares(over_rounds(values, weights=weights)) for way, values in by_round.items()}
        strategies[name] = {
            "log_loss": loss,
            "shares": {way: share.tolist() for way, share in shares.items()},
            "distance": {way: distance(share, data_shares) for way, share in shares.items()},
        }
    equal = np.full(clients, 1.0 / clients)
    return {
        "strategies": strategies,
        "data_shares": data_shares.tolist(),
        "equal": distance(equal, data_shares),
    }


def run(
    data: Federation, strategy: Any, recipe: Recipe, rounds: int, seed: int
) -> tuple[dict[str, Floats], float]:
    """Return the contributions (R, n) that each of `VALUED` finds, and the final log-loss."""
    split = Split(data.partitions, data.validation, data.initial)
    task = Task("sizes", lambda *_: split, partial(_train, recipe), _utility)
    found: dict[str, list[Floats]] = {way: [] for way in VALUED}

    def assess(previous: Arrays, updates: Sequence[Arrays], weights: Floats, seed: int) -> Contributions:
        seen = Round(list(previous), [list(update) for update in updates])
        worth = value_rounds([seen], weights, data.sizes, data.validation, VALUED, evaluations=0, seed=seed)
        values = {way: one.values[0] for way, one in worth.items()}
        for way, of_round in values.items():
            found[way].append(of_round)
        return Contributions(
            values[DEFAULT], None, 0.0, float(values[DEFAULT].sum()), 1 << len(updates), None
        )

    result = run_locally(
        task,
        split,
        rounds=rounds,
        seed=seed,
        settlement=Unpaid(),
        inner=strategy,
        weights=data.sizes.tolist(),
        assess=assess,
    )
    last = result.evaluate_metrics_serverapp[rounds][task.metric]
    return {way: np.array(values) for way, values in found.items()}, float(str(last))


def _train(recipe: Recipe, arrays: Arrays, data: Partition, rng: np.random.Generator) -> Arrays:
    local = train_locally(stacked(arrays, 1), data.features, data.labels, recipe, rng)
    return [array[0] for array in local]


def _utility(arrays: Arrays, validation: Partition) -> float:
    outputs = logits(stacked(arrays, 1), validation.features)
    return -float(log_losses(outputs, validation.labels)[0])


@dataclass(frozen=True)
class _Opened:
    round: int
    block_hash: bytes


class Unpaid:
    """A settlement that pays nobody: rounds count up, their seeds are fixed."""

    def __init__(self) -> None:
        self._opened = 0

    def open_round(self) -> _Opened:
        """Open the next round."""
        self._opened += 1
        return _Opened(self._opened, self._opened.to_bytes(32, "big"))

    def submit_scores(self, round: int, scores: Any, evidence_root: bytes) -> None:
        """Take the scores and forget them."""

    def finalize_round(self, round: int, scores: Any) -> None:
        """Pay nobody."""
