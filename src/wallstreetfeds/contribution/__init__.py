"""Contribution assessment: utilities, Shapley values, scores.  NumPy and Numba only."""

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game, Utility
from wallstreetfeds.contribution.sampling import sampled_shapley, shapley
from wallstreetfeds.contribution.scores import SCORE_TOTAL, integer_scores
from wallstreetfeds.contribution.shapley import exact_shapley
from wallstreetfeds.contribution.utility import LogLoss, ModelUtility, linear_log_loss, log_loss

__all__ = [
    "SCORE_TOTAL",
    "Coalitions",
    "Contributions",
    "Game",
    "LogLoss",
    "ModelUtility",
    "Utility",
    "exact_shapley",
    "integer_scores",
    "linear_log_loss",
    "log_loss",
    "sampled_shapley",
    "shapley",
]
