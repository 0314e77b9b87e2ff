"""Federations that markets trade on: trained and assessed once, then read from the learning cache.

`WSF_LEARNING_CACHE` names the cache's folder; empty: none.  The command line sets it, for workers too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from wallstreetfeds.experiments.federations import SETTINGS, Setting
from wallstreetfeds.experiments.runner import LEARNING_CACHE
from wallstreetfeds.sim.learning.assessment import assess_rounds, reward_shares
from wallstreetfeds.sim.learning.cache import Cache, content_key, default_folder
from wallstreetfeds.sim.learning.federations import Federation, split_federation
from wallstreetfeds.sim.learning.learned import CODE, Learned, Plan, learn
from wallstreetfeds.sim.learning.networks import Floats
from wallstreetfeds.sim.learning.partitioners import Sharing
from wallstreetfeds.sim.learning.training import train_federation


def federation_of(
    data: str,
    clients: int,
    seed: int,
    *,
    wrong_labels: Floats | None = None,
    feature_noise: Floats | None = None,
    sharing: Sharing | None = None,
    free_riders: Collection[int] = (),
) -> Federation:
    """Return a federation on one of `federations.SETTINGS`, with levels of bad data by client.

    Arguments as in `sim.learning.split_federation`.  Features are scaled by what all rows show.
    """
    setting = setting_of(data)
    labels, encode = setting.data()
    features = encode(np.arange(len(labels)))
    return split_federation(
        features,
        labels,
        clients,
        seed,
        hidden=setting.hidden,
        sharing=sharing,
        wrong_labels=wrong_labels,
        feature_noise=feature_noise,
        free_riders=free_riders,
    )


def history(
    data: str,
    federation: Federation,
    rounds: int,
    seed: int,
    *,
    method: str | None = None,
    evaluations: int = 0,
    truth: int = 0,
    equal_weights: bool = False,
) -> Learned:
    """Return what `federation` learns and earns by the recipe of `data`; see `sim.learning.Plan`."""
    plan = Plan(
        setting_of(data).recipe,
        rounds,
        seed,
        equal_weights=equal_weights,
        method=method,
        evaluations=evaluations,
        truth=truth,
    )
    return learn(federation, plan, cache=learning_cache())


def shares_by_method(
    data: str, federation: Federation, rounds: int, seed: int, methods: Sequence[str]
) -> dict[str, Floats]:
    """Return the shares (rounds, n) of every pot that each of `methods` pays for one and the same training.

    Weighted by rows; a sampler spends the least it accepts.  The default score cap.
    """
    cache, recipe = learning_cache(), setting_of(data).recipe
    key = content_key(["methods", federation, recipe, rounds, seed, list(methods)], CODE)
    kept = cache.get(key) if cache else None
    if kept is None:
        weights = federation.sizes
        trained = train_federation(federation.partitions, federation.initial, weights, recipe, rounds, seed)
        kept = {}
        for method in methods:
            worth = assess_rounds(
                trained,
                weights,
                federation.validation,
                method=method,
                evaluations=0,
                seed=seed,
                sizes=[len(part) for part in federation.partitions],
            )
            kept[method] = reward_shares(worth.values).tolist()
        if cache:
            cache.put(key, kept)
    return {method: np.array(kept[method]) for method in methods}


def learning_cache() -> Cache | None:
    """Return the cache of learning in force: the usual folder, or what the environment says."""
    folder = os.environ.get(LEARNING_CACHE)
    if folder == "":
        return None
    return Cache(Path(folder) if folder else default_folder("learning"))


def setting_of(data: str) -> Setting:
    """Return a setting by name.  Raises ValueError for an unknown one."""
    if data not in SETTINGS:
        raise ValueError(f"no data set {data!r}; there are {', '.join(SETTINGS)}")
    return SETTINGS[data]
