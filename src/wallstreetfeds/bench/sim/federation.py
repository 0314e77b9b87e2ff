"""One federation end to end: learned, assessed, traded and paid, nothing read from a cache."""

from __future__ import annotations

import time
from statistics import median

from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.bench.sim.digits import RECIPE, SEED, digits_federation
from wallstreetfeds.bench.sim.federation_market import Played, play
from wallstreetfeds.bench.sim.sizes import Figures, Sizes
from wallstreetfeds.sim.learning.learned import Learned, Plan, learn
from wallstreetfeds.sim.learning.training import Trained, train_federation


def measure_federation(sizes: Sizes) -> Figures:
    """Time a federation with all of its assessments and its market: what one cell of a sweep costs.

    `federation_50x50_seconds` is the whole, `federation_50x50_learning_seconds` the part of it before the
    market: training and assessment.  Training is timed once more alone, in the same rounds, and the
    assessment is what is left.  All are medians in a warm process.
    """
    plan = Plan(RECIPE, rounds=sizes.assessed_rounds, seed=SEED)
    federation = digits_federation(sizes.clients)
    before: list[float] = []
    after: list[float] = []

    def whole() -> tuple[Learned, Played]:
        start = time.perf_counter()
        learned = learn(federation, plan, cache=None, threads=sizes.threads)
        middle = time.perf_counter()
        played = play(learned.reward_shares, sizes.trades)
        before.append(middle - start)
        after.append(time.perf_counter() - middle)
        return learned, played

    def training() -> Trained:
        return train_federation(
            federation.partitions,
            federation.initial,
            federation.sizes,
            RECIPE,
            sizes.assessed_rounds,
            SEED,
            threads=sizes.threads,
        )

    repeats = min(sizes.repeats, 3)
    alone, _ = side_by_side({"training": training}, repeats)
    seconds, found = side_by_side({"whole": whole}, repeats)
    learned, played = found["whole"]
    # The first run of each is not timed: it compiles.
    learning, market = median(before[1:]), median(after[1:])
    return {
        "federation_50x50_seconds": seconds["whole"],
        "federation_50x50_learning_seconds": learning,
        "federation": {
            "clients": sizes.clients,
            "rounds": sizes.assessed_rounds,
            "threads": sizes.threads,
            "method": learned.method,
            "accuracy": float(learned.accuracy[-1]),
            "training_seconds": alone["training"],
            "assessment_seconds": learning - alone["training"],
            "market_seconds": market,
            "trades_per_round": int(played.trades.min()),
        },
    }
