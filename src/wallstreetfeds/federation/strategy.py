"""`Rewarded`: any Flower strategy, with every round opened, assessed, scored and paid.

A wrapper by composition: the inner strategy samples, aggregates and evaluates as ever; the wrapper opens
the round before the clients are asked and pays it before the aggregate is handed on.
"""

from __future__ import annotations

import operator
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from wallstreetfeds.contribution.scores import DEFAULT_SCORE_CAP
from wallstreetfeds.contribution.utilities.models import normalised
from wallstreetfeds.federation.compat import clips_updates
from wallstreetfeds.federation.evidence import (
    Bundle,
    EvidenceFolder,
    Recipe,
    Update,
    bundle,
    canonical_digest,
)
from wallstreetfeds.federation.screening import (
    MOST_EXAMPLES,
    Accepted,
    Exclusion,
    clean_content,
    in_join_order,
    nudged,
    screen,
)
from wallstreetfeds.federation.settlement import OpenedRound, Settlement, round_seed
from wallstreetfeds.federation.signature_check import checked_wallets, signed_only
from wallstreetfeds.federation.signing import Venue
from wallstreetfeds.federation.valuation import Assess, Valuation, cap_in_wad, valuate


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
    - `evidence_root`: what the round's evidence was committed to with, 32 bytes.
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
    - `nodes`: Flower node ids in join order, one for every client that takes part in the rounds; scores come
      in this order.
    - `assess`: values the accepted updates; see `Assess`.
    - `weights`: each client's weight in the aggregate, fixed when it joined (None: equal). The sample
      counts that clients declare are replaced by these weights before anything is computed, for the
      coalition models and for the inner strategy alike: they set neither pay nor model.
    - `supplies`, `score_cap`: for the cap on scores, see `integer_scores`; whole numbers as on chain, and the
      cap of the terms, which is held in WAD.
    - `metric_keys`: metric keys a reply must have besides the weight (None: those most replies have).
    - `on_round`: called with the round's report once the inner strategy has aggregated.
    - `venue`: the chain and the Scenario that rounds are settled on.
    - `wallets`: addresses in join order; with them an update counts only with its wallet's signature, see
      `SignedUpdates`.  Needs `venue`.
    - `evidence`: folder that a round's evidence is written to before its scores are submitted; if that
      fails (EvidenceError), they are not, and the round stays open to be done again.

    Nest it outermost: around a strategy that clips updates (Flower's differential privacy), it keeps a
    free-rider from ending the run in a division by zero; inside one, the clipped updates are assessed, and
    it cannot, nor can signatures be checked.

    A client that is sampled out, fails, or is excluded contributes 0.0; it scores 0, unless all who
    contributed are at the score cap and something is left. Raises ValueError on duplicate nodes, on weights,
    supplies or wallets that do not fit, and on a score cap below one; errors of the settlement are not
    caught.
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
        venue: Venue | None = None,
        wallets: Sequence[str] | None = None,
        evidence: EvidenceFolder | None = None,
    ) -> None:
        if len(set(nodes)) != len(nodes) or not nodes:
            raise ValueError("nodes must be a non-empty sequence of distinct node ids in join order")
        self.inner = inner
        self.nodes = tuple(nodes)
        self.weights = normalised(np.ones(len(nodes)) if weights is None else np.asarray(weights), len(nodes))
        self._settlement = settlement
        self._assess = assess
        self._supplies = None if supplies is None else _checked_supplies(supplies, len(nodes))
        self._score_cap = cap_in_wad(score_cap)
        self._weighted_by_key = weighted_by_key
        self._metric_keys = metric_keys
        self._most_examples = most_examples
        self._on_round = on_round
        self._venue = venue
        self._wallets = None if wallets is None else checked_wallets(wallets, len(nodes), venue)
        self._evidence = evidence
        self._clips = clips_updates(inner)
        self._current: _OpenRound | None = None

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Open the round, then let the inner strategy choose and instruct the clients.

        Adds `round` (the settlement's) and `block-hash` to the configuration the clients receive. Clients
        are sampled with a seed that derives from the opening block.  Raises ValueError, before the round is
        open, for a model that evidence cannot hold.
        """
        canonical_digest(_named(arrays))
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
        digests = {reply.client: _digest(current, reply) for reply in accepted}
        signatures: Mapping[int, bytes] = {}
        if self._wallets is not None and self._venue is not None:
            accepted, signatures, forged = signed_only(
                accepted,
                digests,
                nodes=self.nodes,
                wallets=self._wallets,
                venue=self._venue,
                opened=current.opened,
            )
            excluded = in_join_order([*excluded, *forged])
        updates = {
            reply.client: Update(reply.arrays, digests[reply.client], signatures.get(reply.client))
            for reply in accepted
        }
        started = time.perf_counter()
        valuation = self._valued(current, updates)
        assessment_seconds = time.perf_counter() - started
        evidence = self._bundled(current, updates, excluded, valuation)
        if self._evidence is not None:
            self._evidence.write(evidence)
        report = replace(
            _report(server_round, current.opened.round, valuation),
            accepted=tuple(updates),
            excluded=tuple(excluded),
            evidence_root=evidence.root,
            training_seconds=training_seconds,
            assessment_seconds=assessment_seconds,
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

    def _valued(self, current: _OpenRound, updates: Mapping[int, Update]) -> Valuation:
        return valuate(
            self._assess,
            current.model.to_numpy_ndarrays(),
            {client: update.arrays for client, update in updates.items()},
            self.weights,
            current.seed,
            supplies=self._supplies,
            score_cap=self._score_cap,
        )

    def _bundled(
        self,
        current: _OpenRound,
        updates: Mapping[int, Update],
        excluded: Sequence[Exclusion],
        valuation: Valuation,
    ) -> Bundle:
        return bundle(
            venue=self._venue,
            round=current.opened.round,
            block_hash=bytes(current.opened.block_hash),
            seed=current.seed,
            recipe=self._assess if isinstance(self._assess, Recipe) else None,
            score_cap=self._score_cap,
            weights=self.weights,
            supplies=self._supplies,
            wallets=self._wallets,
            model=_named(current.model),
            updates=updates,
            excluded={one.client: one.reason for one in excluded if one.client is not None},
            strangers=[(one.node, one.reason) for one in excluded if one.client is None],
            valuation=valuation,
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


def _checked_supplies(supplies: Sequence[int], clients: int) -> tuple[int, ...]:
    """Return supplies as integers of Python's.  Raises ValueError unless they are one above 0 a client."""
    try:
        known = tuple(operator.index(supply) for supply in supplies)
    except TypeError:
        raise ValueError(f"supplies are whole numbers of smallest units, not {list(supplies)}") from None
    if len(known) != clients or min(known) <= 0:
        raise ValueError(f"expected {clients} supplies above 0 in join order, got {list(known)}")
    return known


def _named(record: ArrayRecord) -> dict[str, NDArray[Any]]:
    return {name: array.numpy() for name, array in record.items()}


def _digest(current: _OpenRound, reply: Accepted) -> bytes:
    """The sha-256 of an update's canonical bytes, its arrays in the order of the model that was sent."""
    return canonical_digest(dict(zip(current.model, reply.arrays, strict=True)))


def _report(server_round: int, round: int, valuation: Valuation) -> RoundReport:
    worth, scores, errors = valuation.worth, valuation.scores, valuation.standard_errors
    total = sum(scores)
    return RoundReport(
        round=round,
        server_round=server_round,
        scores=scores,
        score_shares=tuple(score / total if total else 0.0 for score in scores),
        contributions=tuple(valuation.contributions.tolist()),
        standard_errors=None if errors is None else tuple(errors.tolist()),
        utility_before=worth.empty_utility,
        utility_after=worth.grand_utility,
        evaluations=worth.evaluations,
        seed=worth.seed,
        accepted=(),
        excluded=(),
        evidence_root=b"",
        training_seconds=0.0,
        assessment_seconds=0.0,
    )


@contextmanager
def _seeded_sampling(seed: int) -> Iterator[None]:
    """Seed the generator Flower samples clients with (`random`), and put its state back afterwards."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
