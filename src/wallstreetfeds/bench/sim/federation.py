"""One federation end to end: learned, assessed, traded and paid, nothing read from a cache."""

from __future__ import annotations

import time
from statistics import median
from typing import NamedTuple

from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.bench.sim.digits import RECIPE, SEED, digits_federation
from wallstreetfeds.bench.sim.federation_market import Played, play
from wallstreetfeds.bench.sim.sizes import Figures, Sizes
from wallstreetfeds.sim.learning.learned import Learned, Plan, learn
from wallstreetfeds.sim.learning.training import train_federation


class _Run(NamedTuple):
    """One federation: seconds of learning and of the market, and what came out of them."""

    learning: float
    market: float
    learned: Learned
    played: Played


def measure_federation(sizes: Sizes) -> Figures:
    """Time a federation with all of its assessments and its market: what one cell of a sweep costs.

    `federation_50x50_seconds` is the whole, `federation_50x50_learning_seconds` the part of it before the
    market: training and assessment.  Training is timed once more alone beside every whole run, and the
    assessment is what is left.  All are medians, of at most three repeats, in a warm process.
    """
    plan = Plan(RECIPE, rounds=sizes.assessed_rounds, seed=SEED)
    federation = digits_federation(sizes.clients)
    repeats = min(sizes.repeats, 3)
    runs: list[_Run] = []

    def whole() -> None:
        start = time.perf_counter()
        learned = learn(federation, plan, cache=None, threads=sizes.threads)
        middle = time.perf_counter()
        played = play(learned.reward_shares, sizes.trades)
        runs.append(_Run(middle - start, time.perf_counter() - middle, learned, played))

    def training() -> None:
        train_federation(
            federation.partitions,
            federation.initial,
            federation.sizes,
            RECIPE,
            sizes.assessed_rounds,
            SEED,
            threads=sizes.threads,
        )

    seconds, _ = side_by_side({"whole": whole, "training": training}, repeats)
    # The first run is not timed: it compiles.
    learning = median(run.learning for run in runs[1:])
    last = runs[-1]
    return {
        "federation_50x50_seconds": seconds["whole"],
        "federation_50x50_learning_seconds": learning,
        "federation": {
            "clients": sizes.clients,
            "rounds": sizes.assessed_rounds,
            "threads": sizes.threads,
            "repeats": repeats,
            "method": last.learned.method,
            "accuracy": float(last.learned.accuracy[-1]),
            "training_seconds": seconds["training"],
            "assessment_seconds": learning - seconds["training"],
            "market_seconds": median(run.market for run in runs[1:]),
            "trades_per_round": int(last.played.trades.min()),
        },
    }
