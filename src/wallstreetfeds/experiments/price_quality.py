"""Does a token's price say how good a client's data are?

Question.  Prices are said to reflect the quality of contributions.  How well does the rank of a price follow
the rank of quality, after how many rounds, and does the market add anything to what the scores say anyway?

Method.  Federations of 50 clients on the credit file, their data spoilt in one of three ways: wrong labels
spread evenly from 0 to 50 %, a few bad clients (a fifth has 30 to 50 % wrong labels, the others up to 10 %),
noise on features from 0 to 2 standard deviations.  Each is trained once, and the same rounds are paid by
four methods: the surrogate (Shapley values, close to exact), GTG (Shapley values, sampled coarsely),
leave-one-out and data size, the control: it pays everybody alike.  Each history of pay is traded twice on the
clock curve, by four value investors and three noise traders with the same money.  In "public" they know
nothing but the scores; in "private" two of the four begin with a signal of their own, the quality of every
client plus an error as large as the spread of quality.  Investors begin with 10 % of every supply, so that
they have something to sell; "cash-only" is "public" without it, for the surrogate.

Measure.  Just before every record date: Spearman's correlation of the price with quality, and the area under
the ROC curve for the worst tenth (the chance that a bad client is ranked below another).  The same for two
readers of the scores who need no market, the last share and the cumulative share, for the mean of the
signals alone, and for signals and scores pooled.  Rounds paid until 0.8 is exceeded; never counts as all
rounds.  Quality is what was done to the data; in some federations also what retraining says, the Shapley
value of the final model over coalitions trained from nothing, sampled twice so that its own error is seen.

How it could fail.  Rows are few, so what a client has to teach is not exactly its quality: no score can
rank clients whose data differ by less than chance.  Investors' signals are of quality itself; had they been
of rewards, the market would look better.  All investors use one rule, and nobody manipulates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from wallstreetfeds.contribution import METHODS, Game
from wallstreetfeds.experiments.histories import federation_of, setting_of, shares_by_method
from wallstreetfeds.experiments.lab import Life, Stage, endow, open_stage
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import ranks, spearman
from wallstreetfeds.sim.agents import Agent, NoiseTrader, ValueInvestor
from wallstreetfeds.sim.agents.signal import SignalInvestor, noisy_signal, shares_with_prior
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.learning.federations import Federation
from wallstreetfeds.sim.learning.networks import Floats
from wallstreetfeds.sim.learning.partitioners import evenly_spaced
from wallstreetfeds.sim.learning.retraining import Retrained

DATA: Final = "credit"
SHOWN: Final = ("surrogate", "gtg", "leave-one-out", "data-size")
"""How rounds are paid."""

DISTRIBUTIONS: Final = ("label-noise", "few-bad", "feature-noise")
ARMS: Final = ("public", "private", "cash-only")
THRESHOLD: Final = 0.8
PRIOR_ROUNDS: Final = 2.0
BUDGET: Final = 1_000_000.0
INVESTORS: Final = 4
TRADES: Final = 10
"""Most tokens that an investor trades in a session."""

INVESTOR_CASH: Final = 50_000.0
HOLDING: Final = 0.1
"""Part of every supply that an investor begins with, except in "cash-only"."""

SIGNALS: Final = 2
"""Investors with a signal of their own in "private"."""

NOISE_TRADERS: Final = 3
NOISE_CASH: Final = 20_000.0
BAD: Final = 0.2
READERS: Final = ("price", "last", "cumulative", "signal", "pooled")
"""Who ranks clients: the market, three readers of scores or signals alone, and one of both."""


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return what prices and scores said of one federation, by method, arm and rounds paid.

    Settings: seed, market, distribution, clients, rounds, retrained (true: also against retraining).  Raises
    ValueError on an unknown distribution.
    """
    seed, rounds = settings["seed"], settings["rounds"]
    federation = _federation(settings["distribution"], settings["clients"], seed)
    truths = {"quality": federation.quality}
    if settings["retrained"]:
        halves = [_retrained(federation, rounds, seed, sample) for sample in range(2)]
        truths |= {"retrained": halves[0] + halves[1]}
    rng = np.random.default_rng([seed, 1])
    spread = float(federation.quality.std())
    signals = [noisy_signal(federation.quality, spread, rng) for _ in range(SIGNALS)]
    rows = []
    for method, shares in shares_by_method(DATA, federation, rounds, seed, SHOWN).items():
        for arm in ARMS if method == SHOWN[0] else ARMS[:2]:
            known = signals if arm == "private" else []
            seen = _traded(settings, shares, arm, known)
            rows += [
                {"method": method, "arm": arm, "truth": truth} | row
                for truth, worth in truths.items()
                for row in _compared(seen, shares, known, worth)
            ]
    if settings["retrained"]:
        rows.append({"method": "retrained", "agreement": spearman(*halves)})
        rows[-1]["with_quality"] = spearman(truths["retrained"], federation.quality)
    return {"rows": rows}


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job a federation.  On a chain: four clients and three rounds, a few seeds."""
    chain = market == "chain"
    count = seeds if seeds is not None else (1 if quick or chain else 34)
    clients, rounds = (4, 3) if chain else (20, 5) if quick else (50, 20)
    return [
        Job(
            measure,
            {
                "seed": seed,
                "market": market,
                "distribution": distribution,
                "clients": clients,
                "rounds": rounds,
                "retrained": not quick and not chain and seed < 4,
            },
            cost=10.0 if seed < 4 else 4.0,
        )
        for distribution in DISTRIBUTIONS
        for seed in range(count)
    ]


# --- federations ---


def _federation(distribution: str, clients: int, seed: int) -> Federation:
    rng = np.random.default_rng([seed, 0])
    if distribution == "label-noise":
        return federation_of(DATA, clients, seed, wrong_labels=evenly_spaced(clients, 0.5, rng))
    if distribution == "feature-noise":
        return federation_of(DATA, clients, seed, feature_noise=evenly_spaced(clients, 2.0, rng))
    if distribution == "few-bad":
        bad = max(1, round(BAD * clients))
        wrong = np.concatenate([np.linspace(0.0, 0.1, clients - bad), np.linspace(0.3, 0.5, bad)])
        return federation_of(DATA, clients, seed, wrong_labels=rng.permutation(wrong))
    raise ValueError(f"no distribution {distribution!r}; there are {', '.join(DISTRIBUTIONS)}")


def _retrained(federation: Federation, rounds: int, seed: int, sample: int) -> Floats:
    """Return an estimate of the Shapley values (n,) of retraining, from the fewest coalitions it takes."""
    recipe = setting_of(DATA).recipe
    partitions, validation, weights = federation.partitions, federation.validation, federation.sizes
    utility = Retrained(partitions, validation, federation.initial, weights, recipe, rounds, seed)
    game, method = Game(len(weights), utility), METHODS["svarm"]
    return method(game, evaluations=method.least_evaluations(game), seed=2 * seed + sample).values


# --- the market ---


def _traded(settings: Mapping[str, Any], shares: Floats, arm: str, signals: list[Floats]) -> Floats:
    """Return the prices (rounds, n) just before every record date."""
    agents: list[Agent] = [
        SignalInvestor(f"investor-{number}", signals[number], prior_rounds=PRIOR_ROUNDS, trades=TRADES)
        if number < len(signals)
        else ValueInvestor(f"investor-{number}", prior_rounds=PRIOR_ROUNDS, trades=TRADES)
        for number in range(INVESTORS)
    ]
    agents += [NoiseTrader(f"noise-{number}") for number in range(NOISE_TRADERS)]
    cash = {
        agent.name: INVESTOR_CASH if number < INVESTORS else NOISE_CASH for number, agent in enumerate(agents)
    }
    seed, (rounds, clients) = settings["seed"], shares.shape
    stage = Stage(clients=clients, rounds=rounds, market=settings["market"], budget=BUDGET)
    market = open_stage(stage, cash, seed=seed)
    if arm != "cash-only":
        for agent in agents[:INVESTORS]:
            endow(market, agent.name, HOLDING)
    life = Life(market, agents, np.random.default_rng([seed, 2]))
    return np.array([market.spot_prices() for moment in life.play(shares) if moment.phase == "trading"])


# --- what was seen against what is true ---


def _compared(
    prices: Floats, shares: Floats, signals: list[Floats], worth: Floats
) -> list[dict[str, float | None]]:
    """Return a row for each number of rounds paid, with what every reader of that time made of `worth`."""
    found = []
    for paid in range(len(prices)):
        past = shares[:paid]
        view: dict[str, Floats | None] = {
            "price": prices[paid],
            "last": past[-1] if paid else None,
            "cumulative": past.sum(axis=0) if paid else None,
            "signal": np.mean(signals, axis=0) if signals else None,
            "pooled": None,
        }
        if signals:
            view["pooled"] = shares_with_prior(past, np.mean(signals, axis=0), PRIOR_ROUNDS)
        row: dict[str, float | None] = {"paid": paid}
        for reader, values in view.items():
            row[reader] = None if values is None else _defined(spearman(values, worth))
            row[f"{reader}_auc"] = None if values is None else worst_tenth(values, worth)
        found.append(row)
    return found


def worst_tenth(values: Floats, worth: Floats) -> float:
    """Return the area under the ROC curve of `values` (n,) for the worst tenth by `worth` (n,).

    The chance that one of the worst has a lower value than one of the others; ties count half.
    """
    worst = np.argsort(worth, kind="stable")[: max(1, len(worth) // 10)]
    others = len(worth) - len(worst)
    below = ranks(-values)[worst].sum() - len(worst) * (len(worst) - 1) / 2
    return float(below / (len(worst) * others))


def first_above(correlations: list[float | None], never: int) -> int:
    """Return the first place at which a correlation exceeds the threshold; `never` where none does."""
    for place, value in enumerate(correlations):
        if value is not None and value > THRESHOLD:
            return place
    return never


def _defined(value: float) -> float | None:
    return value if np.isfinite(value) else None
