"""The same federation as Flower apps, as a user would write them: the model goes out, clients train, FedAvg.

A client trains by the NumPy loop, on the same rows and batches as ours. Its data is made once in each
process that runs it.
"""

from __future__ import annotations

import numpy as np
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

from wallstreetfeds.bench.sim import numpy_loop
from wallstreetfeds.bench.sim.digits import RECIPE, SEED, digits_federation
from wallstreetfeds.sim.learning.networks import Arrays


def client_app(clients: int) -> ClientApp:
    """Return the app of every client: two epochs of SGD on its own rows."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config["partition-id"])
        server_round = int(str(message.content.config_records["config"]["server-round"]))
        part = digits_federation(clients).partitions[client]
        model = numpy_loop.train(
            message.content.array_records["arrays"].to_numpy_ndarrays(),
            part.features,
            part.labels,
            np.random.default_rng([SEED, server_round, client]),
            learning_rate=RECIPE.learning_rate,
            epochs=RECIPE.epochs,
            batch=RECIPE.batch,
        )
        metrics = MetricRecord({"num-examples": len(part)})
        return Message(RecordDict({"arrays": ArrayRecord(list(model)), "metrics": metrics}), reply_to=message)

    return app


def federate(grid: Grid, clients: int, rounds: int) -> Arrays:
    """Return the final model of `rounds` rounds of FedAvg with all clients."""
    strategy = FedAvg(fraction_evaluate=0.0, min_train_nodes=clients, min_available_nodes=clients)
    result = strategy.start(
        grid=grid,
        initial_arrays=ArrayRecord(list(digits_federation(clients).initial)),
        num_rounds=rounds,
    )
    return list(result.arrays.to_numpy_ndarrays())
