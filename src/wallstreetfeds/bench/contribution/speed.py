"""All coalitions of a round, ours beside the loops people write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.bench.contribution.credit import credit_round
from wallstreetfeds.bench.contribution.federations import Round, digits, mnist, trained_round
from wallstreetfeds.bench.contribution.numpy_loop import NumpyLoop
from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.contribution import Game, Utility, exact_shapley, linear_log_loss
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss

Run = Callable[[], NDArray[np.float64]]
Figures = dict[str, Any]

TORCH: Final = find_spec("torch") is not None
WITHOUT_TORCH: Final = "PyTorch is not installed: pip install 'wallstreetfeds[torch]'"

HIDDEN: Final = (32,)
"""Hidden units of the network on digits."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    - `repeats`: times everything is timed; medians are reported.
    - `few`, `more`, `many`: clients of the three sizes of game (10, 16, 20).
    - `mnist_hidden`: hidden units of the network on MNIST.
    - `cnn_examples`: images that a client trains the network with convolutions on.
    - `cnn_sample`: coalitions of that network that the careful loop is timed on; the time of all is a
      multiple of it.
    """

    repeats: int = 7
    few: int = 10
    more: int = 16
    many: int = 20
    mnist_hidden: int = 200
    cnn_examples: int = 400
    cnn_sample: int = 64


def measure_mlp(sizes: Sizes) -> Figures:
    """Exact values, MLP 64-32-10, 500 rows of digits: beside the usual and the careful loop."""
    played = trained_round(digits(), HIDDEN, sizes.few)
    return _beside_loops(played, sizes, typical=True)


def measure_mnist(sizes: Sizes) -> Figures:
    """Exact values, MLP 784-200-10, 500 rows of MNIST: beside the careful loop."""
    played = trained_round(mnist(), (sizes.mnist_hidden,), sizes.few)
    figures = _beside_loops(played, sizes, typical=False)
    return {
        **figures,
        "vs_careful": figures["vs_careful_2threads"],
        "vs_careful_1thread": figures["vs_careful"],
    }


def measure_more(sizes: Sizes) -> Figures:
    """Exact values of more clients, the same network, on one thread and on two."""
    played = trained_round(digits(), HIDDEN, sizes.more)
    return _on_one_and_two(
        lambda threads: mlp_log_loss(
            played.features, played.labels, played.previous, played.updates, played.weights, threads=threads
        ),
        sizes,
        report=1,
    )


def measure_logistic(sizes: Sizes) -> Figures:
    """Exact values of a logistic regression, 500 rows of credit data."""
    played = credit_round(sizes.many, rows=500)
    return _on_one_and_two(
        lambda threads: linear_log_loss(
            played.features, played.labels, played.previous, played.updates, played.weights, threads=threads
        ),
        sizes,
        report=2,
    )


def measure_cnn(sizes: Sizes) -> Figures:
    """Utilities of all coalitions of a small convolutional network, 500 rows of MNIST, through PyTorch."""
    if not TORCH:
        return {"vs_careful": None, "reason": WITHOUT_TORCH}
    from wallstreetfeds.bench.contribution.cnn import small_cnn, trained_cnn_round
    from wallstreetfeds.bench.contribution.torch_loops import CarefulLoop
    from wallstreetfeds.contribution.utilities.torch_models import torch_utility

    played = trained_cnn_round(sizes.few, rows_each=sizes.cnn_examples)
    everybody = members(0, 1 << sizes.few, sizes.few)
    chosen = some_of(len(everybody), sizes.cnn_sample)
    sample = everybody[chosen]

    def ours(threads: int) -> Run:
        return lambda: torch_utility(
            small_cnn(),
            "log-loss",
            played.inputs,
            played.labels,
            played.states[0],
            played.states[1:],
            played.weights,
            threads=threads,
        )(everybody)

    def careful(threads: int) -> Run:
        loop = CarefulLoop(
            small_cnn, played.inputs, played.labels, played.states, played.weights, threads=threads
        )
        return lambda: loop(sample)

    seconds, values = side_by_side(
        {"ours_1": ours(1), "ours_2": ours(2), "careful_1": careful(1), "careful_2": careful(2)},
        sizes.repeats,
    )
    times = len(everybody) / len(sample)
    careful_1, careful_2 = seconds["careful_1"] * times, seconds["careful_2"] * times
    return {
        "seconds": seconds["ours_2"],
        "seconds_1thread": seconds["ours_1"],
        "careful_seconds": careful_1,
        "careful_seconds_2threads": careful_2,
        "careful_coalitions_timed": len(sample),
        "vs_careful": min(careful_1, careful_2) / seconds["ours_2"],
        "vs_careful_1thread": careful_1 / seconds["ours_1"],
        "max_abs_difference": _difference(values["ours_2"][chosen], values["careful_1"]),
    }


def some_of(count: int, wanted: int) -> NDArray[np.int64]:
    """Return `wanted` different coalition numbers below `count`, in order: drawn, since every k-th would
    leave the same clients out of all of them."""
    rng = np.random.default_rng(0)
    return np.sort(rng.choice(count, size=min(wanted, count), replace=False))


def _beside_loops(played: Round, sizes: Sizes, *, typical: bool) -> Figures:
    def ours(threads: int) -> Run:
        return lambda: _exact(
            mlp_log_loss(
                played.features,
                played.labels,
                played.previous,
                played.updates,
                played.weights,
                threads=threads,
            ),
            sizes.few,
        )

    runs: dict[str, Run] = {"ours_1": ours(1), "ours_2": ours(2)}
    runs |= _torch_runs(played, sizes.few, typical=typical) if TORCH else _numpy_runs(played, sizes.few)
    seconds, values = side_by_side(runs, sizes.repeats)
    best = min(seconds["careful_1"], seconds.get("careful_2", seconds["careful_1"]))
    figures: Figures = {
        "seconds": seconds["ours_2"],
        "seconds_1thread": seconds["ours_1"],
        "vs_careful": seconds["careful_1"] / seconds["ours_1"],
        "vs_careful_2threads": best / seconds["ours_2"] if TORCH else None,
        "careful_loop": "torch" if TORCH else "numpy",
        "careful_seconds": seconds["careful_1"],
        "careful_seconds_2threads": seconds.get("careful_2"),
        "max_abs_difference": _difference(values["ours_2"], values["careful_1"]),
    }
    if typical:
        usual = seconds.get("typical")
        figures["vs_typical"] = None if usual is None else usual / seconds["ours_2"]
        figures["typical_seconds"] = usual
    return figures if TORCH else {**figures, "reason": WITHOUT_TORCH}


def _torch_runs(played: Round, clients: int, *, typical: bool) -> dict[str, Run]:
    import torch

    from wallstreetfeds.bench.contribution.torch_loops import CarefulLoop, TypicalLoop, mlp_of, torch_arrays

    make = mlp_of(played)
    inputs = torch.as_tensor(played.features, dtype=torch.float32)
    labels = torch.as_tensor(played.labels)
    states = [torch_arrays(model) for model in (played.previous, *played.updates)]
    weights = played.weights / played.weights.sum()

    def careful(threads: int) -> Run:
        return lambda: _exact(CarefulLoop(make, inputs, labels, states, weights, threads=threads), clients)

    runs = {"careful_1": careful(1), "careful_2": careful(2)}
    if typical:
        runs["typical"] = lambda: _exact(TypicalLoop(make, inputs, labels, states, weights), clients)
    return runs


def _numpy_runs(played: Round, clients: int) -> dict[str, Run]:
    return {"careful_1": lambda: _exact(NumpyLoop(played), clients)}


def _on_one_and_two(make: Callable[[int], Utility], sizes: Sizes, *, report: int) -> Figures:
    """Time exact values on one thread and on two; `report` says which of them `seconds` is."""

    def run(threads: int) -> Run:
        def values() -> NDArray[np.float64]:
            utility = make(threads)
            return _exact(utility, utility.clients)  # type: ignore[attr-defined]

        return values

    seconds, values = side_by_side({"1": run(1), "2": run(2)}, sizes.repeats)
    return {
        "seconds": seconds[str(report)],
        "seconds_1thread": seconds["1"],
        "seconds_2threads": seconds["2"],
        "max_abs_difference": _difference(values["1"], values["2"]),
    }


def _exact(utility: Utility, clients: int) -> NDArray[np.float64]:
    return exact_shapley(Game(clients, utility)).values


def _difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    return float(np.abs(ours - theirs).max())


SPEED: Final[Mapping[str, Callable[[Sizes], Figures]]] = {
    "exact_n10": measure_mlp,
    "exact_n16": measure_more,
    "logistic_n20": measure_logistic,
    "mnist_n10": measure_mnist,
    "cnn_n10": measure_cnn,
}
"""What is timed, by its key in the report."""
