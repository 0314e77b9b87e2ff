"""The assessment experiment: how faithful is each method, and what does it pay an attacker?

Three parts, each a function of one seed in a file of its own: `fidelity` (against retraining all
coalitions), `volatility` (across Flower's strategies), `attacks` (on the score). This file says what is run
and how the answers become tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.assessment import attacks, fidelity, volatility
from wallstreetfeds.experiments.assessment.attackers import ATTACKS
from wallstreetfeds.experiments.assessment.blocks import blocks
from wallstreetfeds.experiments.report import Row, Tables
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import summary
from wallstreetfeds.federation.inner import INNER
from wallstreetfeds.sim.learning.cache import Answer

__all__ = ["blocks", "figures", "jobs", "tables"]

FEDERATIONS: Final = ("credit", "lending-club", "digits", "digits-mlp")
CLIENTS: Final = 6
"""In the federations that are retrained or attacked; two more where the attacker joins as three."""

PAPER_CLIENTS: Final = 5
ALPHAS: Final = (1.0, 10.0, 100.0)
ROUNDS: Final = 10
SEEDS: Final = 10
DRAWS: Final = 200_000
"""Dirichlet draws that Lemma 1 is checked with."""

COSTS: Final = {"credit": 1.0, "lending-club": 1.5, "digits": 2.0, "digits-mlp": 4.0}
"""How long a federation's jobs take, compared with each other; for the time left."""


def jobs(*, quick: bool, seeds: int | None) -> list[Job]:
    """Return everything to be run; `quick` is a small version that shows that all of it works."""
    numbers = range(1, 1 + (seeds or (2 if quick else SEEDS)))
    federations = ("credit",) if quick else FEDERATIONS
    skews = ("quantity", "label-noise") if quick else fidelity.SKEWS
    alphas = ALPHAS[:1] if quick else ALPHAS
    strategies = ("FedAvg", "FedMedian") if quick else tuple(INNER)
    chosen = ("free-riding", "replay", "split in 3") if quick else tuple(ATTACKS)
    rounds, clients = (3, 4) if quick else (ROUNDS, CLIENTS)
    wanted = []
    for seed in numbers:
        common = {"rounds": rounds, "seed": seed}
        for name in federations:
            wanted.append(
                Job(
                    attacks.measure,
                    {**common, "federation": name, "clients": clients, "attacks": list(chosen)},
                    cost=5.0 * COSTS[name],
                )
            )
            wanted += [
                Job(
                    fidelity.measure,
                    {**common, "federation": name, "skew": skew, "clients": clients},
                    cost=COSTS[name],
                )
                for skew in skews
            ]
        wanted += [
            Job(
                volatility.measure,
                {
                    **common,
                    "federation": "digits" if quick else "mnist",
                    "alpha": alpha,
                    "clients": PAPER_CLIENTS,
                    "strategies": list(strategies),
                },
                cost=10.0,
            )
            for alpha in alphas
        ]
    return wanted


def tables(jobs: Sequence[Job], answers: Sequence[Answer]) -> Tables:
    """Return the result tables by name; a number in brackets is [mean over seeds, low, high]."""
    parts: dict[Any, list[tuple[Mapping[str, Any], Answer]]] = defaultdict(list)
    for job, answer in zip(jobs, answers, strict=True):
        parts[job.measure].append((job.settings, answer))
    return {
        **_fidelity(parts[fidelity.measure]),
        **_volatility(parts[volatility.measure]),
        **_attacks(parts[attacks.measure]),
    }


def figures(tables: Tables) -> dict[str, bytes]:
    """Return the figures as SVG, by file name; raises ModuleNotFoundError without matplotlib."""
    from wallstreetfeds.experiments.assessment.figures import draw

    return draw(tables)


# --- fidelity ---


def _fidelity(found: Iterable[tuple[Mapping[str, Any], Answer]]) -> Tables:
    flat = [
        {**settings, "method": method, **measures}
        for settings, answer in found
        for method, measures in answer["measures"].items()
    ]
    return {
        "fidelity": summary(flat, ("federation", "skew", "method"), fidelity.MEASURES),
        "fidelity_overall": summary(flat, ("skew", "method"), fidelity.MEASURES),
    }


# --- volatility ---


def _volatility(found: Sequence[tuple[Mapping[str, Any], Answer]]) -> Tables:
    flat = [
        {
            "alpha": settings["alpha"],
            "seed": settings["seed"],
            "strategy": strategy,
            "method": method,
            "distance": value,
            "log_loss": answer["log_loss"],
        }
        for settings, whole in found
        for strategy, answer in whole["strategies"].items()
        for method, value in answer["distance"].items()
    ]
    equal = [
        {"alpha": settings["alpha"], "seed": settings["seed"], "equal": whole["equal"]}
        for settings, whole in found
    ]
    moved = []
    for settings, whole in found:
        for method in next(iter(whole["strategies"].values()))["shares"]:
            shares = np.array([answer["shares"][method] for answer in whole["strategies"].values()])
            data = np.array(whole["data_shares"])
            moved.append(
                {
                    "alpha": settings["alpha"],
                    "seed": settings["seed"],
                    "method": method,
                    "spread": float(np.ptp(shares, axis=0).mean()),
                    "largest_spread": float(np.ptp(shares, axis=0).max()),
                    "error": float(np.abs(shares - data).mean()),
                }
            )
    return {
        "volatility": summary(flat, ("alpha", "strategy", "method"), ("distance", "log_loss")),
        "volatility_clients": summary(moved, ("alpha", "method"), ("spread", "largest_spread", "error")),
        "equal_pay": [row | _lemma(row["alpha"]) for row in summary(equal, ("alpha",), ("equal",))],
    }


def _lemma(alpha: float) -> Row:
    mean, error = volatility.simulated(PAPER_CLIENTS, alpha, DRAWS, seed=0)
    return {
        "lemma": 100.0 * volatility.lemma(PAPER_CLIENTS, alpha),
        "simulated": 100.0 * mean,
        "standard_error": 100.0 * error,
    }


# --- attacks ---


def _attacks(found: Iterable[tuple[Mapping[str, Any], Answer]]) -> Tables:
    flat = [
        {
            "federation": settings["federation"],
            "seed": settings["seed"],
            "attack": attack,
            "method": method,
            "paid": paid,
            "honest": whole["honest"]["paid"][method],
            "gain": paid - whole["honest"]["paid"][method],
            "log_loss_change": answer["log_loss"] - whole["honest"]["log_loss"],
        }
        for settings, whole in found
        for attack, answer in whole.items()
        if attack != "honest"
        for method, paid in answer["paid"].items()
    ]
    values = ("paid", "honest", "gain", "log_loss_change")
    return {
        "attacks": summary(flat, ("federation", "attack", "method"), values),
        "attacks_overall": summary(flat, ("attack", "method"), values),
    }
