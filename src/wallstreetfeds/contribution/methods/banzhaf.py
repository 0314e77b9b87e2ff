"""Banzhaf values, exact and sampled: the mean marginal contribution over all coalitions of the others.

Every coalition counts the same, so the values are less noisy than Shapley's under a random utility, but
they do not sum to v(N) - v(empty); for pay they are scaled until they do. Sources: Banzhaf (1965), "Weighted
voting doesn't work"; Wang, Jia (2023), "Data Banzhaf", AISTATS (the robustness, and the estimator that uses
every sampled coalition for every client).
"""

from __future__ import annotations

from math import fsum, sqrt

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.coalitions import coalition_table
from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.methods.exact_shapley import MOST_CLIENTS_EXACT
from wallstreetfeds.contribution.methods.sampling import BATCH, generator, require
from wallstreetfeds.contribution.sums import exact_sum

NOT_SCALED = "not scaled: the Banzhaf values sum to nothing of the sign of v(N) - v(empty)"


def exact_banzhaf(game: Game, *, scaled: bool = True) -> Contributions:
    """Return the exact Banzhaf values of `game`, in 2**n evaluations.

    Sums are correctly rounded: a null player gets exactly 0.0, clients whose utilities are equal to the bit
    get equal values to the bit. `scaled`: multiplied to sum to v(N) - v(empty); where their sum has not the
    sign of v(N) - v(empty), scaling would turn every sign, so they stay as they are and `note` says so.
    Raises ValueError above 20 clients or when a utility is not finite.
    """
    n = game.clients
    if n > MOST_CLIENTS_EXACT:
        raise ValueError(
            f"exact Banzhaf values of {n} clients need 2**{n} evaluations; use sampled_banzhaf above "
            f"{MOST_CLIENTS_EXACT} clients"
        )
    table = coalition_table(game)
    values = np.empty(n)
    for client in range(n):
        split = table.reshape(-1, 2, 1 << client)
        values[client] = exact_sum((split[:, 1, :] - split[:, 0, :]).ravel()) / (1 << (n - 1))
    empty, grand = float(table[0]), float(table[-1])
    factor, note = _factor(values, grand - empty) if scaled else (1.0, "")
    return Contributions(values * factor, None, empty, grand, 1 << n, None, note)


def least_evaluations(_clients: int) -> int:
    """Return the two ends and two complementary pairs."""
    return 6


def sampled_banzhaf(
    game: Game, *, evaluations: int = 20_000, seed: int = 0, scaled: bool = True
) -> Contributions:
    """Return an estimate of the Banzhaf values of `game` with its standard errors.

    Every client joins a coalition by the toss of a coin, and its complement is evaluated too: half the
    difference, with the client's side as the sign, is an unbiased estimate of each client's value. `scaled`
    as in `exact_banzhaf`: a ratio, so consistent and no longer unbiased, and the standard errors are those of
    the ratio to first order (the delta method: a client's estimate and the sum of all err together). Where
    the noise of the sum is near the sum itself, trust neither. A null player gets 0.0 in expectation only.
    Raises ValueError below 6 evaluations or when the seed is negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    pairs = (evaluations - 2) // 2
    rng = generator(seed)
    empty, grand = game.ends()
    total, cross = np.zeros(n), np.zeros(n)
    squares = whole = 0.0
    for start in range(0, pairs, BATCH // 2):
        count = min(BATCH // 2, pairs - start)
        sides = rng.integers(0, 2, size=(count, n)).astype(np.bool_)
        utilities = game.evaluate(np.concatenate([sides, ~sides]))
        gaps = utilities[:count] - utilities[count:]
        signs = np.where(sides, 1.0, -1.0)
        total += gaps @ signs
        sums = gaps * signs.sum(axis=1)  # of a pair's estimates over clients
        squares += float(gaps @ gaps)
        cross += (gaps * sums) @ signs
        whole += float(sums @ sums)
    values = total / pairs
    square = squares / pairs - values**2
    factor, note = _factor(values, grand - empty) if scaled else (1.0, "")
    if scaled and not note and values.sum() != 0.0:
        part = values / values.sum()
        square = (squares - 2.0 * part * cross + part**2 * whole) / pairs
    errors = np.sqrt(np.maximum(square, 0.0) * pairs / (pairs - 1)) / sqrt(pairs)
    return Contributions(values * factor, errors * factor, empty, grand, 2 + 2 * pairs, seed, note)


def _factor(values: NDArray[np.float64], surplus: float) -> tuple[float, str]:
    """Return what makes `values` sum to `surplus`, or 1.0 and why it does not."""
    total = fsum(values.tolist())
    if total == 0.0 and surplus == 0.0:
        return 1.0, ""
    same_sign = (total > 0.0 and surplus > 0.0) or (total < 0.0 and surplus < 0.0)
    return (surplus / total, "") if same_sign else (1.0, NOT_SCALED)
