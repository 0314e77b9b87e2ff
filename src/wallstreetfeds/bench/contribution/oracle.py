"""The same game table, given to `shapiq` and to us: the same values, and both times."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.bench.contribution.federations import digits, trained_round
from wallstreetfeds.bench.contribution.speed import HIDDEN
from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.contribution import Coalitions, Game, exact_shapley
from wallstreetfeds.contribution.coalitions import coalition_table
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss

WITHOUT_SHAPIQ: Final = "shapiq is not installed: pip install 'wallstreetfeds[bench]'"


def measure_shapiq(clients: int, repeats: int) -> dict[str, Any]:
    """Return the largest difference of any value, and shapiq's time over ours, for an MLP's table."""
    if find_spec("shapiq") is None:
        return {"max_abs_difference": None, "vs_shapiq": None, "reason": WITHOUT_SHAPIQ}
    from shapiq import ExactComputer

    played = trained_round(digits(), HIDDEN, clients)
    utility = mlp_log_loss(played.features, played.labels, played.previous, played.updates, played.weights)
    table = coalition_table(Game(clients, utility))
    powers = 1 << np.arange(clients)

    def look_up(coalitions: Coalitions) -> NDArray[np.float64]:
        return table[np.asarray(coalitions) @ powers]

    def theirs() -> NDArray[np.float64]:
        return np.asarray(ExactComputer(look_up, n_players=clients)("SV").get_n_order_values(1))

    seconds, values = side_by_side(
        {"ours": lambda: exact_shapley(Game(clients, look_up)).values, "shapiq": theirs}, repeats
    )
    return {
        "clients": clients,
        "seconds": seconds["ours"],
        "shapiq_seconds": seconds["shapiq"],
        "vs_shapiq": seconds["shapiq"] / seconds["ours"],
        "max_abs_difference": float(np.abs(values["ours"] - values["shapiq"]).max()),
    }
