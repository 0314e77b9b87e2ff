"""The default: Shapley values, exact where that is feasible."""

from __future__ import annotations

from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.methods.exact_shapley import exact_shapley
from wallstreetfeds.contribution.methods.permutation import sampled_shapley


def shapley(game: Game, *, exact_up_to: int = 16, evaluations: int = 20_000, seed: int = 0) -> Contributions:
    """Return exact Shapley values up to `exact_up_to` clients and sampled ones above.

    `evaluations` and `seed` only matter to the sample.
    """
    if game.clients <= exact_up_to:
        return exact_shapley(game)
    return sampled_shapley(game, evaluations=evaluations, seed=seed)
