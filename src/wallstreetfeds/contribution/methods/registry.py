"""All methods by name, behind one call, so that benchmarks and experiments can loop over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.methods import (
    banzhaf,
    gtg,
    permutation,
    regression,
    stratified,
    surrogate,
    svarm,
    truncated,
)
from wallstreetfeds.contribution.methods.banzhaf import exact_banzhaf, sampled_banzhaf
from wallstreetfeds.contribution.methods.baselines import data_size, equal, leave_one_out, standalone
from wallstreetfeds.contribution.methods.exact_shapley import exact_shapley
from wallstreetfeds.contribution.methods.gtg import gtg_shapley
from wallstreetfeds.contribution.methods.permutation import sampled_shapley
from wallstreetfeds.contribution.methods.regression import regression_shapley
from wallstreetfeds.contribution.methods.stratified import stratified_shapley
from wallstreetfeds.contribution.methods.surrogate import surrogate_shapley
from wallstreetfeds.contribution.methods.svarm import stratified_svarm
from wallstreetfeds.contribution.methods.truncated import truncated_shapley

Kind = Literal["exact", "sampled", "baseline"]
"""exact: by definition, 2**n evaluations; sampled: an estimate with standard errors; baseline: something
else than a fair division, cheap."""

Sampler = Callable[..., Contributions]


@dataclass(frozen=True)
class Method:
    """One method of assessment.

    - `name`: its key in `METHODS`.
    - `estimates`: what the values are or estimate: "shapley", "banzhaf", or its own name for a baseline.
    Call it with a game; `evaluations` (the most it may spend) and `seed` only matter to samplers.
    """

    name: str
    kind: Kind
    estimates: str
    _least: Callable[[Game], int]
    _run: Sampler

    def least_evaluations(self, game: Game) -> int:
        """Return the smallest budget it accepts for `game` (samplers), what it costs (others)."""
        return self._least(game)

    def __call__(self, game: Game, *, evaluations: int = 20_000, seed: int = 0) -> Contributions:
        """Return the contributions of `game`. Raises ValueError as the method's own function does."""
        if self.kind == "sampled":
            return self._run(game, evaluations=evaluations, seed=seed)
        return self._run(game)


def _by_clients(least: Callable[[int], int]) -> Callable[[Game], int]:
    """Return the rule of a method for which only the number of clients matters."""
    return lambda game: least(game.clients)


ALL: Final = _by_clients(lambda n: 1 << n)
ONE_EACH: Final = _by_clients(lambda n: n + 2)
ENDS: Final = _by_clients(lambda _: 2)


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("exact", "exact", "shapley", ALL, exact_shapley),
            Method("banzhaf", "exact", "banzhaf", ALL, exact_banzhaf),
            Method("surrogate", "sampled", "shapley", surrogate.least_evaluations, surrogate_shapley),
            Method(
                "regression",
                "sampled",
                "shapley",
                _by_clients(regression.least_evaluations),
                regression_shapley,
            ),
            Method(
                "antithetic",
                "sampled",
                "shapley",
                _by_clients(permutation.least_evaluations),
                sampled_shapley,
            ),
            Method(
                "stratified",
                "sampled",
                "shapley",
                _by_clients(stratified.least_evaluations),
                stratified_shapley,
            ),
            Method("svarm", "sampled", "shapley", _by_clients(svarm.least_evaluations), stratified_svarm),
            Method("gtg", "sampled", "shapley", _by_clients(gtg.least_evaluations), gtg_shapley),
            Method("tmc", "sampled", "shapley", _by_clients(truncated.least_evaluations), truncated_shapley),
            Method(
                "sampled-banzhaf",
                "sampled",
                "banzhaf",
                _by_clients(banzhaf.least_evaluations),
                sampled_banzhaf,
            ),
            Method("leave-one-out", "baseline", "leave-one-out", ONE_EACH, leave_one_out),
            Method("standalone", "baseline", "standalone", ONE_EACH, standalone),
            Method("data-size", "baseline", "data-size", ENDS, data_size),
            Method("equal", "baseline", "equal", ENDS, equal),
        )
    }
)
"""Every method by name, in the order of the guide's table."""
