"""Small federations with real training, for tests of samplers that read logits."""

from functools import cache

import numpy as np

from wallstreetfeds.contribution import Game, linear_log_loss
from wallstreetfeds.contribution.coalitions import coalition_table


def blobs(rng, rows, features, classes):
    """Return features (rows, d) and labels (rows,) of overlapping clusters."""
    centres = np.random.default_rng(1).normal(size=(classes, features)) * 0.9
    labels = rng.integers(0, classes, rows)
    return centres[labels] + rng.normal(size=(rows, features)), labels


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def trained_linear(coefficients, bias, features, labels, steps, rate):
    """Full-batch gradient steps of a softmax regression."""
    coefficients, bias = coefficients.copy(), bias.copy()
    for _ in range(steps):
        error = softmax(features @ coefficients + bias)
        error[np.arange(len(labels)), labels] -= 1.0
        coefficients -= rate / len(labels) * features.T @ error
        bias -= rate * error.mean(axis=0)
    return [coefficients, bias]


def linear_federation(clients, seed=0, *, classes=3, absent="previous", free_rider=None, steps=10, rate=0.5):
    """The utility of one round of softmax regression among clients of unequal size, one in five noisy."""
    rng = np.random.default_rng(seed)
    validation, labels = blobs(rng, 120, 6, classes)
    start = [np.zeros((6, classes)), np.zeros(classes)]
    updates, weights = [], []
    for client in range(clients):
        size = int(rng.integers(10, 60))
        features, own = blobs(rng, size, 6, classes)
        if client % 5 == 1:
            own = rng.integers(0, classes, size)
        update = trained_linear(*start, features, own, steps, rate)
        updates.append(start if client == free_rider else update)
        weights.append(float(size))
    return linear_log_loss(validation, labels, start, updates, np.array(weights), absent=absent)


class NaiveMlp:
    """A network with one hidden layer of rectified units, every coalition model built and run in turn.

    Logits are no linear function of the fractions; `passes` counts models run.
    """

    linear = False

    def __init__(self, clients, seed=0, *, absent="previous", free_rider=None, steps=15, rate=0.5):
        rng = np.random.default_rng(seed)
        self.features, self.labels = blobs(rng, 80, 6, 3)
        start = [rng.normal(size=(6, 12)) * 0.6, np.zeros(12), rng.normal(size=(12, 3)) * 0.3, np.zeros(3)]
        sizes = rng.integers(20, 60, clients)
        weight = sizes / sizes.sum()
        self.share = weight if absent == "left out" else None
        self.start, self.passes, self.steps = start, 0, []
        for client, size in enumerate(sizes):
            features, own = blobs(rng, size, 6, 3)
            if client % 5 == 1:
                own = rng.integers(0, 3, size)
            update = start if client == free_rider else self._trained(features, own, steps, rate)
            self.steps.append([weight[client] * (new - old) for new, old in zip(update, start, strict=True)])

    def logits(self, weights):
        self.passes += len(weights)
        return np.array([self._run(self._model(row), self.features)[1] for row in weights])

    def __call__(self, coalitions):
        values = []
        for row in coalitions:
            chance = softmax(self._run(self._model(row.astype(float)), self.features)[1])
            values.append(np.log(chance[np.arange(len(self.labels)), self.labels]).mean())
        return np.array(values)

    def _model(self, fractions):
        total = 1.0
        if self.share is not None and fractions.any():
            total = fractions @ self.share
        model = [array.copy() for array in self.start]
        for fraction, step in zip(fractions, self.steps, strict=True):
            for target, change in zip(model, step, strict=True):
                target[...] += fraction / total * change
        return model

    @staticmethod
    def _run(model, features):
        hidden = np.maximum(features @ model[0] + model[1], 0.0)
        return hidden, hidden @ model[2] + model[3]

    def _trained(self, features, labels, steps, rate):
        model = [array.copy() for array in self.start]
        for _ in range(steps):
            hidden, logits = self._run(model, features)
            error = softmax(logits)
            error[np.arange(len(labels)), labels] -= 1.0
            error /= len(labels)
            back = (error @ model[2].T) * (hidden > 0)
            steps_now = [features.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
            model = [array - rate * step for array, step in zip(model, steps_now, strict=True)]
        return model


class Tabled:
    """A federation of few clients with all utilities looked up: the same game, and quick to sample often."""

    def __init__(self, utility, clients):
        self.labels, self.linear, self.share = utility.labels, utility.linear, utility.share
        self._utility, self._known = utility, {}
        self._table = coalition_table(Game(clients, utility))
        self._powers = 1 << np.arange(clients)

    def logits(self, weights):
        key = weights.tobytes()
        if key not in self._known:
            self._known[key] = self._utility.logits(weights)
        return self._known[key].copy()

    def __call__(self, coalitions):
        return self._table[coalitions @ self._powers]


@cache
def federation(kind, clients, absent="previous", free_rider=None):
    """Softmax regression ("linear") or a small network ("network"), tabled."""
    build = linear_federation if kind == "linear" else NaiveMlp
    return Tabled(build(clients, absent=absent, free_rider=free_rider), clients)
