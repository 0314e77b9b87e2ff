"""Flower's Ray simulation in a process of its own: `python -m wallstreetfeds.bench.sim.ray_run 50 20`.

Prints one JSON object on the last line: `seconds` from the call of `run_simulation` to the final model, which
starts Ray and its workers; `seconds_warm` of the same federation once more, while all of that is running; and
the final model. Ray and what it starts are gone when the process ends.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from wallstreetfeds.federation import quiet_flower  # sets Flower's switches: before its first import


def main(clients: int, rounds: int) -> dict[str, Any]:
    """Run the federation and return what is printed."""
    from flwr.app import Context
    from flwr.serverapp import Grid, ServerApp
    from flwr.simulation import run_simulation

    from wallstreetfeds.bench.sim.flower_apps import client_app, federate

    quiet_flower()
    found: list[list[Any]] = []
    times: list[float] = []
    server = ServerApp()

    @server.main()
    def learn(grid: Grid, context: Context) -> None:  # noqa: ARG001
        for _ in range(2):
            found.append(federate(grid, clients, rounds))
            times.append(time.perf_counter())

    start = time.perf_counter()
    run_simulation(server_app=server, client_app=client_app(clients), num_supernodes=clients)
    return {
        "seconds": times[0] - start,
        "seconds_warm": times[1] - times[0],
        "model": [array.tolist() for array in found[0]],
    }


if __name__ == "__main__":
    result = main(int(sys.argv[1]), int(sys.argv[2]))
    print("\n" + json.dumps(result))
