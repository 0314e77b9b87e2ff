"""`Rewarded`: any Flower strategy, with every round opened, assessed, scored and paid.

A wrapper by composition: the inner strategy samples, aggregates and evaluates as ever; the wrapper opens
the round before the clients are asked and pays it before the aggregate is handed on.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from wallstreetfeds.contribution import Contributions, integer_scores
from wallstreetfeds.contribution.scores import DEFAULT_SCORE_CAP
from wallstreetfeds.contribution.utilities.models import normalised
from wallstreetfeds.federation.compat import clips_updates
from wallstreetfeds.federation.evidence import evidence_root
from wallstreetfeds.federation.screening import (
    MOST_EXAMPLES,
    Accepted,
    Exclusion,
    clean_content,
    nudged,
    screen,
)
from wallstreetfeds.federation.settlement import OpenedRound, Settlement

Model = Sequence[NDArray[Any]]


class Assess(Protocol):
    """Values the accepted updates of one round."""

    def __call__(
        self, previous: Model, updates: Sequence[Model], weights: NDArray[np.float64], seed: int
    ) -> Contributions:
        """Return one contribution an update.

        `previous` is the global model that was sent out; `updates` the accepted models in join order,
        `weights` (m,) their aggregation weights, summing to one; `seed` derives from the opening block and
        the round.
        """


@dataclass(frozen=True)
class RoundReport:
    """What happened in one round; sequences are in join order, one entry a client.

    - `scores`: integers as submitted; `score_shares`: their shares (all zero if nobody scored).
    - `contributions`: Shapley values in nats a validation row; 0.0 for a client without an accepted reply.
    - `standard_errors`: of the contributions, or None when they are exact.
    - `utility_before`, `utility_after`: of the previous model, and of the weighted mean of the accepted
      updates, which is the new model under FedAvg. Negative log-loss for the built-in tasks.
    - `training_seconds`: from the round's opening until all replies were in; `assessment_seconds`:
      screening aside, the time that valuing the replies took.
    - `accepted`: positions of the clients whose replies counted; `excluded`: who did not count, and why.
    """

    round: int
    server_round: int
    scores: tuple[int, ...]
    score_shares: tuple[float, ...]
    contributions: tuple[float, ...]
    standard_errors: tuple[float, ...] | None
    utility_before: float
    utility_after: float
    evaluations: int
    seed: int | None
    accepted: tuple[int, ...]
    excluded: tuple[Exclusion, ...]
    evidence_root: bytes
    training_seconds: float
    assessment_seconds: float


@dataclass(frozen=True)
class _OpenRound:
    opened: OpenedRound
    seed: int
    model: ArrayRecord
    asked: frozenset[int]
    started: float


class Rewarded(Strategy):
    """Wrap `inner` so that every training round is settled.

    - `settlement`: opens, scores and pays rounds.
    - `nodes`: Flower node ids in join order; scores come in this order.
    - `assess`: values the accepted updates; see `Assess`.
    - `weights`: each client's weight in the aggregate, fixed when it joined (None: equal). The sample
      counts that clients declare are replaced by these weights before anything is computed, for the
      coalition models and for the inner strategy alike: they set neither pay nor model.
    - `supplies`, `score_cap`: for the cap on scores, see `integer_scores`.
    - `metric_keys`: metric keys a reply must have besides the weight (None: those most replies have).
    - `on_round`: called with the round's report once the inner strategy has aggregated.

    Nest it outermost: around a strategy that clips updates (Flower's differential privacy), it keeps a
    free-rider from ending the run in a division by zero; inside one, the clipped updates are assessed, and
    it cannot.

    A client that is sampled out, fails, or is excluded contributes 0.0; it scores 0, unless the score cap
    spreads somebody's excess over everybody below it. Raises ValueError on duplicate nodes or weights that do
    not fit; errors of the settlement are not caught.
    """

    def __init__(
        self,
        inner: Strategy,
        *,
        settlement: Settlement,
        nodes: Sequence[int],
        assess: Assess,
        weights: Sequence[float] | None = None,
        supplies: Sequence[int] | None = None,
        score_cap: float = DEFAULT_SCORE_CAP,
        weighted_by_key: str = "num-examples",
        metric_keys: Collection[str] | None = None,
        most_examples: float = MOST_EXAMPLES,
        on_round: Callable[[RoundReport], None] | None = None,
    ) -> None:
        if len(set(nodes)) != len(nodes) or not nodes:
            raise ValueError("nodes must be a non-empty sequence of distinct node ids in join order")
        self.inner = inner
        self.nodes = tuple(nodes)
        self.weights = normalised(np.ones(len(nodes)) if weights is None else np.asarray(weights), len(nodes))
        self._settlement = settlement
        self._assess = assess
        self._supplies = supplies
        self._score_cap = score_cap
        self._weighted_by_key = weighted_by_key
        self._metric_keys = metric_keys
        self._most_examples = most_examples
        self._on_round = on_round
        self._clips = clips_updates(inner)
        self._current: _OpenRound | None = None

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Open the round, then let the inner strategy choose and instruct the clients.

        Adds `round` (the settlement's) and `block-hash` to the configuration the clients receive. Clients
        are sampled with a seed that derives from the opening block.
        """
        opened = self._settlement.open_round()
        seed = round_seed(opened.block_hash, opened.round)
        config["round"] = opened.round
        config["block-hash"] = bytes(opened.block_hash)
        with _seeded_sampling(seed):
            messages = list(self.inner.configure_train(server_round, arrays, config, grid))
        asked = frozenset(message.metadata.dst_node_id for message in messages)
        self._current = _OpenRound(opened, seed, arrays, asked, time.perf_counter())
        return messages

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Screen, assess, submit, pay; then let the inner strategy aggregate the accepted replies.

        Returns (None, None), and Flower keeps the previous model, when no reply was acceptable.
        """
        if self._current is None:
            raise RuntimeError("aggregate_train needs a round opened by configure_train")
        current, self._current = self._current, None
        received = list(replies)
        training_seconds = time.perf_counter() - current.started
        accepted, excluded = screen(
            received,
            nodes=self.nodes,
            asked=current.asked,
            model=current.model,
            weighted_by_key=self._weighted_by_key,
            metric_keys=self._metric_keys,
            most_examples=self._most_examples,
        )
        started = time.perf_counter()
        report = replace(
            self._assessed(server_round, current, accepted),
            excluded=tuple(excluded),
            training_seconds=training_seconds,
            assessment_seconds=time.perf_counter() - started,
        )
        self._settlement.submit_scores(report.round, list(report.scores), report.evidence_root)
        self._settlement.finalize_round(report.round, list(report.scores))
        result = self._aggregated(server_round, current, accepted)
        if self._on_round is not None:
            self._on_round(report)
        return result

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Delegate to the inner strategy."""
        return self.inner.configure_evaluate(server_round, arrays, config, grid)

    def aggregate_evaluate(self, server_round: int, replies: Iterable[Message]) -> MetricRecord | None:
        """Delegate to the inner strategy."""
        return self.inner.aggregate_evaluate(server_round, replies)

    def summary(self) -> None:
        """Log the inner strategy's settings."""
        self.inner.summary()

    def _assessed(self, server_round: int, current: _OpenRound, accepted: Sequence[Accepted]) -> RoundReport:
        n = len(self.nodes)
        previous = current.model.to_numpy_ndarrays()
        members = [reply.client for reply in accepted]
        if accepted:
            weights = normalised(self.weights[members], len(members))
            updates: list[Model] = [reply.arrays for reply in accepted]
        else:  # nobody answered: the previous model stands in, and is worth exactly nothing
            weights, updates = np.ones(1), [previous]
        worth = self._assess(previous, updates, weights, current.seed)
        contributions = np.zeros(n)
        errors = None if worth.standard_errors is None else np.zeros(n)
        if accepted:
            contributions[members] = worth.values
            if errors is not None:
                errors[members] = worth.standard_errors
        scores = integer_scores(contributions.tolist(), supplies=self._supplies, score_cap=self._score_cap)
        total = sum(scores)
        by_client: list[Model | None] = [None] * n
        for reply in accepted:
            by_client[reply.client] = reply.arrays
        return RoundReport(
            round=current.opened.round,
            server_round=server_round,
            scores=tuple(scores),
            score_shares=tuple(score / total if total else 0.0 for score in scores),
            contributions=tuple(contributions.tolist()),
            standard_errors=None if errors is None else tuple(errors.tolist()),
            utility_before=worth.empty_utility,
            utility_after=worth.grand_utility,
            evaluations=worth.evaluations,
            seed=worth.seed,
            accepted=tuple(members),
            excluded=(),
            evidence_root=evidence_root(current.opened.round, previous, by_client, scores),
            training_seconds=0.0,
            assessment_seconds=0.0,
        )

    def _aggregated(
        self, server_round: int, current: _OpenRound, accepted: Sequence[Accepted]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        if not accepted:
            return None, None
        for reply in accepted:
            arrays = nudged(reply.arrays, current.model) if self._clips else reply.arrays
            record = ArrayRecord(
                {name: Array(array) for name, array in zip(current.model, arrays, strict=True)}
            )
            weight = float(self.weights[reply.client])
            reply.message.content = clean_content(reply, record, self._weighted_by_key, weight)
        return self.inner.aggregate_train(server_round, [reply.message for reply in accepted])


def round_seed(block_hash: bytes, round: int) -> int:
    """Return a 63-bit seed for everything random in `round`, which nobody knows before the round's block."""
    digest = hashlib.sha256(
        b"wallstreetfeds/seed/1" + bytes(block_hash) + round.to_bytes(8, "little")
    ).digest()
    return int.from_bytes(digest[:8], "little") >> 1


@contextmanager
def _seeded_sampling(seed: int) -> Iterator[None]:
    """Seed the generator Flower samples clients with (`random`), and put its state back afterwards."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
