"""Learning behind the simulator: federations trained and assessed in process.

found = learn(split_federation(features, labels, clients=50, seed=1, hidden=(32,)),
              Plan(Recipe(0.3), rounds=50, seed=1), cache=Cache(default_folder("learning")))
found.reward_shares  # (rounds, clients): what a market pays
"""

from wallstreetfeds.sim.learning.assessment import Assessed, assess_rounds, reward_shares
from wallstreetfeds.sim.learning.cache import Cache, default_folder
from wallstreetfeds.sim.learning.federations import Federation, split_federation
from wallstreetfeds.sim.learning.learned import Learned, Plan, learn
from wallstreetfeds.sim.learning.partitioners import (
    Even,
    FeatureSkew,
    LabelSkew,
    QuantitySkew,
    Sharing,
    evenly_spaced,
)
from wallstreetfeds.sim.learning.retraining import Retrained, train_coalitions
from wallstreetfeds.sim.learning.training import Recipe, Round, Trained, train_federation, train_locally

__all__ = [
    "Assessed",
    "Cache",
    "Even",
    "FeatureSkew",
    "Federation",
    "LabelSkew",
    "Learned",
    "Plan",
    "QuantitySkew",
    "Recipe",
    "Retrained",
    "Round",
    "Sharing",
    "Trained",
    "assess_rounds",
    "default_folder",
    "evenly_spaced",
    "learn",
    "reward_shares",
    "split_federation",
    "train_coalitions",
    "train_federation",
    "train_locally",
]
