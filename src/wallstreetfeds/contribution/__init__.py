"""Contribution assessment: utilities, Shapley values, scores.  NumPy and Numba only."""

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game, Utility
from wallstreetfeds.contribution.gradients import cosine_similarity
from wallstreetfeds.contribution.methods.banzhaf import exact_banzhaf, sampled_banzhaf
from wallstreetfeds.contribution.methods.baselines import data_size, equal, leave_one_out, standalone
from wallstreetfeds.contribution.methods.exact_shapley import exact_shapley
from wallstreetfeds.contribution.methods.gtg import gtg_shapley
from wallstreetfeds.contribution.methods.permutation import sampled_shapley
from wallstreetfeds.contribution.methods.registry import METHODS, Method
from wallstreetfeds.contribution.methods.regression import regression_shapley
from wallstreetfeds.contribution.methods.shapley import shapley
from wallstreetfeds.contribution.methods.stratified import stratified_shapley
from wallstreetfeds.contribution.methods.surrogate import LogitUtility, surrogate_shapley
from wallstreetfeds.contribution.methods.svarm import stratified_svarm
from wallstreetfeds.contribution.methods.truncated import truncated_shapley
from wallstreetfeds.contribution.rounds import accumulated, early_rounds_weigh_more, over_rounds
from wallstreetfeds.contribution.scores import SCORE_TOTAL, integer_scores, smoothed
from wallstreetfeds.contribution.utilities.callables import AggregateUtility
from wallstreetfeds.contribution.utilities.linear import (
    LogLoss,
    linear_log_loss,
    linear_utility,
    log_loss,
)
from wallstreetfeds.contribution.utilities.mlp import MlpLogLoss, mlp_log_loss, mlp_utility
from wallstreetfeds.contribution.utilities.models import ModelUtility

__all__ = [
    "METHODS",
    "SCORE_TOTAL",
    "AggregateUtility",
    "Coalitions",
    "Contributions",
    "Game",
    "LogLoss",
    "LogitUtility",
    "Method",
    "MlpLogLoss",
    "ModelUtility",
    "Utility",
    "accumulated",
    "cosine_similarity",
    "data_size",
    "early_rounds_weigh_more",
    "equal",
    "exact_banzhaf",
    "exact_shapley",
    "gtg_shapley",
    "integer_scores",
    "leave_one_out",
    "linear_log_loss",
    "linear_utility",
    "log_loss",
    "mlp_log_loss",
    "mlp_utility",
    "over_rounds",
    "regression_shapley",
    "sampled_banzhaf",
    "sampled_shapley",
    "shapley",
    "smoothed",
    "standalone",
    "stratified_shapley",
    "stratified_svarm",
    "surrogate_shapley",
    "truncated_shapley",
]
