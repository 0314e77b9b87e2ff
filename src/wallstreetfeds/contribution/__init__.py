"""Contribution assessment: utilities, Shapley values, scores.  NumPy and Numba only."""

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game, Utility
from wallstreetfeds.contribution.methods.exact_shapley import exact_shapley
from wallstreetfeds.contribution.methods.permutation import sampled_shapley
from wallstreetfeds.contribution.methods.shapley import shapley
from wallstreetfeds.contribution.scores import SCORE_TOTAL, integer_scores
from wallstreetfeds.contribution.utilities.linear import LogLoss, linear_log_loss, log_loss
from wallstreetfeds.contribution.utilities.models import ModelUtility

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
