"""A whole federation in one process: a task's ClientApp, its assessment, and the run that ties them
together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from eth_account.signers.base import BaseAccount
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg, Result, Strategy
from numpy.typing import NDArray

from wallstreetfeds.contribution import Contributions, Game, ModelUtility, shapley
from wallstreetfeds.contribution.scores import DEFAULT_SCORE_CAP
from wallstreetfeds.federation.client_mod import SignedUpdates
from wallstreetfeds.federation.evidence import ENGINES, EvidenceFolder, Recipe
from wallstreetfeds.federation.local_grid import LocalGrid
from wallstreetfeds.federation.settlement import Settlement
from wallstreetfeds.federation.signing import Venue
from wallstreetfeds.federation.strategy import Rewarded, RoundReport
from wallstreetfeds.federation.tasks.base import Split, Task
from wallstreetfeds.federation.valuation import Assess, Model


def client_app(task: Task, split: Split, seed: int, *, signed: SignedUpdates | None = None) -> ClientApp:
    """Return a ClientApp that trains the partition its node is configured with (`partition-id`).

    Training is seeded by (seed, server round, client).  A free-rider returns the global model as it came.
    With `signed` every reply is signed.
    """
    app = ClientApp(mods=None if signed is None else [signed])

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config["partition-id"])
        partition = split.partitions[client]
        arrays: Model = message.content.array_records["arrays"].to_numpy_ndarrays()
        if partition.quality != "free-rider":
            server_round = message.content.config_records["config"]["server-round"]
            rng = np.random.default_rng([seed, int(str(server_round)), client])
            arrays = task.train(arrays, partition, rng)
        record = ArrayRecord(list(arrays))
        metrics = MetricRecord({"num-examples": len(partition)})
        return Message(RecordDict({"arrays": record, "metrics": metrics}), reply_to=message)

    return app


def assessor(task: Task, split: Split, *, exact_up_to: int = 16, evaluations: int = 20_000) -> Assess:
    """Return the Shapley assessment of a task: exact up to `exact_up_to` clients, sampled above.

    `evaluations` is the sample's budget of coalitions a round.  Where the task values coalitions by one of
    `evidence.ENGINES`, the assessment is a `Recipe`: whoever holds a round's evidence can repeat it.
    """
    for engine, coalitions in ENGINES.items():
        if task.coalitions is coalitions:
            parameters = {"exact_up_to": exact_up_to, "evaluations": evaluations}
            return Recipe(split.validation, engine, parameters=parameters)

    def assess(
        previous: Model, updates: Sequence[Model], weights: NDArray[np.float64], seed: int
    ) -> Contributions:
        if task.coalitions is not None:
            utility = task.coalitions(previous, updates, weights, split.validation)
        else:
            utility = ModelUtility(
                previous, updates, weights, lambda arrays: task.utility(arrays, split.validation)
            )
        game = Game(len(updates), utility)
        return shapley(game, exact_up_to=exact_up_to, evaluations=evaluations, seed=seed)

    return assess


def run_locally(
    task: Task,
    split: Split,
    *,
    rounds: int,
    seed: int,
    settlement: Settlement,
    inner: Strategy | None = None,
    weights: Sequence[float] | None = None,
    supplies: Sequence[int] | None = None,
    score_cap: float = DEFAULT_SCORE_CAP,
    assess: Assess | None = None,
    on_round: Callable[[RoundReport], None] | None = None,
    venue: Venue | None = None,
    signers: Sequence[BaseAccount] | None = None,
    evidence: EvidenceFolder | None = None,
) -> Result:
    """Train `rounds` rounds in this process, every one settled; return Flower's result.

    With `signers`, one account a client in join order, updates are signed for the `venue` and only counted
    with their signatures.  Every round's evidence is written to `evidence`.

    `inner` defaults to FedAvg over all clients without federated evaluation; client k of `split` is node k
    + 1. The result's `evaluate_metrics_serverapp` holds the task's metric (`-utility`) of the global model
    on the validation set for round 0 (before training) to `rounds`, under the task's metric name. Raises
    ValueError when `rounds` is below one or there are fewer than two clients.
    """
    clients = len(split.partitions)
    if rounds < 1:
        raise ValueError(f"a federation runs at least one round, got {rounds}")
    if clients < 2:
        raise ValueError(f"a federation needs at least two clients, got {clients}")
    nodes = {client + 1: {"partition-id": client, "num-partitions": clients} for client in range(clients)}
    signed = None
    if signers is not None:
        if venue is None:
            raise ValueError("signed updates need a venue: the chain and the Scenario they are signed for")
        if len(signers) != clients:
            raise ValueError(f"expected {clients} signers in join order, got {len(signers)}")
        signed = SignedUpdates(venue, lambda context: signers[int(context.node_config["partition-id"])])
    strategy = Rewarded(
        inner if inner is not None else FedAvg(fraction_evaluate=0.0),
        settlement=settlement,
        nodes=list(nodes),
        assess=assess if assess is not None else assessor(task, split),
        weights=weights,
        supplies=supplies,
        score_cap=score_cap,
        on_round=on_round,
        venue=venue,
        wallets=None if signers is None else [signer.address for signer in signers],
        evidence=evidence,
    )

    def evaluate(_server_round: int, arrays: ArrayRecord) -> MetricRecord:
        return MetricRecord({task.metric: -task.utility(arrays.to_numpy_ndarrays(), split.validation)})

    return strategy.start(
        grid=LocalGrid(client_app(task, split, seed, signed=signed), nodes),
        initial_arrays=ArrayRecord(list(split.initial)),
        num_rounds=rounds,
        evaluate_fn=evaluate,
    )
