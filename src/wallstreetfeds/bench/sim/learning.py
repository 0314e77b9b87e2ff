"""Learning: ours in a warm process, the same federation in Flower's Ray simulation, and in a NumPy loop."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Final

import numpy as np

from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.bench.sim import numpy_loop
from wallstreetfeds.bench.sim.digits import RECIPE, SEED, digits_federation
from wallstreetfeds.bench.sim.sizes import Figures, Sizes
from wallstreetfeds.sim.learning.networks import Arrays, accuracies, logits, stacked
from wallstreetfeds.sim.learning.training import train_federation

WITHOUT_RAY: Final = "Ray is not installed: pip install 'wallstreetfeds[sim-bench]'"
RAY_TIMEOUT: Final = 900.0
"""Seconds after which Ray is given up."""


def measure_learning(sizes: Sizes) -> Figures:
    """Time ours in a warm process, from the call to the final model, beside Ray and a plain loop.

    `learning_vs_ray` is Ray's time over ours, both from the call to the final model; what Ray's call starts,
    its workers, is in it. `vs_ray_warm` is the ratio to the same federation once more, with Ray running, its
    workers warm and their data loaded. All train the same rows in the same batches from the same model.
    """
    federation = digits_federation(sizes.clients)

    def ours() -> Arrays:
        return train_federation(
            federation.partitions,
            federation.initial,
            federation.sizes,
            RECIPE,
            sizes.rounds,
            SEED,
            threads=sizes.threads,
        ).final

    seconds, models = side_by_side(
        {"ours": ours, "numpy": lambda: plain(sizes.clients, sizes.rounds)}, sizes.repeats
    )
    mine, theirs = seconds["ours"], seconds["numpy"]
    ray = run_ray(sizes)
    figures: Figures = {
        "learning_vs_ray": None,
        "accuracy_difference": None,
        "learning": {
            "clients": sizes.clients,
            "rounds": sizes.rounds,
            "threads": sizes.threads,
            "seconds": mine,
            "accuracy": _accuracy(models["ours"], sizes.clients),
            "vs_numpy_loop": theirs / mine,
            "numpy_loop_seconds": theirs,
            "numpy_loop_accuracy_difference": abs(
                _accuracy(models["ours"], sizes.clients) - _accuracy(models["numpy"], sizes.clients)
            ),
        },
    }
    if "reason" in ray:
        figures["learning"]["reason"] = ray["reason"]
        return figures
    model = [np.array(array) for array in ray["model"]]
    figures["learning_vs_ray"] = ray["seconds"] / mine
    figures["accuracy_difference"] = abs(
        _accuracy(models["ours"], sizes.clients) - _accuracy(model, sizes.clients)
    )
    figures["learning"] |= {
        "ray_seconds": ray["seconds"],
        "ray_seconds_warm": ray["seconds_warm"],
        "vs_ray_warm": ray["seconds_warm"] / mine,
        "max_abs_difference_of_a_parameter": max(
            float(np.abs(own - other).max()) for own, other in zip(models["ours"], model, strict=True)
        ),
    }
    return figures


def plain(clients: int, rounds: int) -> Arrays:
    """Return the final model of the same federation, trained by the NumPy loop in this process."""
    federation = digits_federation(clients)
    model: Arrays = [array.copy() for array in federation.initial]
    shares = federation.sizes / federation.sizes.sum()
    for number in range(1, rounds + 1):
        updates = [
            numpy_loop.train(
                model,
                part.features,
                part.labels,
                np.random.default_rng([SEED, number, client]),
                learning_rate=RECIPE.learning_rate,
                epochs=RECIPE.epochs,
                batch=RECIPE.batch,
            )
            for client, part in enumerate(federation.partitions)
        ]
        model = [
            sum((share * update[place] for share, update in zip(shares, updates, strict=True)), np.zeros(1))
            for place in range(len(model))
        ]
    return model


def run_ray(sizes: Sizes) -> Figures:
    """Return what `ray_run` prints, or a `reason` why there is nothing."""
    if find_spec("flwr") is None or find_spec("ray") is None:
        return {"reason": WITHOUT_RAY}
    command = [
        sys.executable,
        "-m",
        "wallstreetfeds.bench.sim.ray_run",
        str(sizes.clients),
        str(sizes.rounds),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RAY_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return {"reason": f"Ray's simulation had not ended after {RAY_TIMEOUT:.0f} s"}
    lines = done.stdout.strip().splitlines()
    try:
        return dict(json.loads(lines[-1]))
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"reason": f"Ray's simulation did not run here (exit code {done.returncode}): {last}"}


def _accuracy(model: Arrays, clients: int) -> float:
    held = digits_federation(clients).validation
    return float(accuracies(logits(stacked(model, 1), held.features), held.labels)[0])
