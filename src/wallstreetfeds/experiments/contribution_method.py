"""How does the way of paying contributions change rewards, prices, who stays, and the model?

Question.  The same federation can be paid equally, by Shapley values, exact or sampled, by leave-one-out or
by data size; and clients can be given equal supplies of tokens, or supplies by reputation.  Does it matter,
to those who hold tokens, to those who train, and to the model that comes out?

Method.  Federations of eight clients on the credit file: unequal sizes (Dirichlet 3), and 0 to 50 % of the
labels wrong, whatever the size.  Twenty rounds in four phases.  Training costs all clients together 35 % of a
pot, each in proportion to its rows.  A client lists a fifth of its tokens, has sold another to investors and
keeps 60 %.  Whoever expects less from those than training costs leaves at the end of a phase, and trains no
more.  It expects by one of two ways: by the scores of the phase (the posterior mean of a share), or by the
market (the price of what it has kept, over the rounds left).  Reputation is what the same method paid in
three rounds of another run; a quarter of all supplies is given out equally.  The score cap goes by supply; to
tell its effect from that of the tokens, there are equal supplies without a cap, too.  Value investors, who
believe at first what the supplies say and know who has left, and noise traders trade on the clock curve.

Measure.  How much rewards and prices (less the clock's fall) change from round to round, in equal shares;
how far prices before any score are from what the first phase pays; the part of the better and the worse half
of clients, by their labels, that is still there; log-loss and accuracy of the final model against the
federation that nobody leaves.

How it could fail.  Who leaves follows from what training costs: with free training all methods keep
everybody, and dear enough, none does.  Costs by rows make data size look good and equal pay bad.  Clients are
loyal to nothing else, cannot come back, and do not answer to others' leaving before the phase is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from wallstreetfeds.contribution.scores import DEFAULT_SCORE_CAP
from wallstreetfeds.experiments.histories import federation_of, setting_of
from wallstreetfeds.experiments.lab import Floats, Life, Stage, client_names, endow, open_stage
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.agents import Agent, NoiseTrader
from wallstreetfeds.sim.agents.beliefs import trade_towards, values_of
from wallstreetfeds.sim.agents.signal import shares_with_prior
from wallstreetfeds.sim.learning.assessment import assess_rounds, reward_shares
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.learning.federations import Federation
from wallstreetfeds.sim.learning.networks import Arrays, accuracies, log_losses, logits
from wallstreetfeds.sim.learning.partitioners import QuantitySkew, evenly_spaced
from wallstreetfeds.sim.learning.training import Trained, train_federation
from wallstreetfeds.sim.market import Market

View = Literal["scores", "price"]

NO_CAP: Final = 64.0
PAYING: Final = {
    "equal": "equal",
    "exact": "exact",
    "sampled": "gtg",
    "leave-one-out": "leave-one-out",
    "data-size": "data-size",
}
"""Ways of paying, and what assesses: GTG samples, and stops early."""


ALLOCATIONS: Final = {
    "equal": DEFAULT_SCORE_CAP,
    "uncapped": NO_CAP,
    "reputation": DEFAULT_SCORE_CAP,
}
"""How supplies are given out, and the score cap; "uncapped" are equal supplies."""

VIEWS: Final[tuple[View, ...]] = ("scores", "price")
DATA: Final = "credit"
BUDGET: Final = 1_000_000.0
PHASES: Final = 4
COST: Final = 0.35
"""What training costs all clients together, as a part of a pot."""

MOST_WRONG: Final = 0.5
SIZES: Final = 3.0
REPUTATION_ROUNDS: Final = 3
SUPPLY: Final = 1_000_000
GIVEN_EQUALLY: Final = 0.25
HOLDING: Final = 0.1
"""Part of every supply that each value investor begins with."""

FEWEST: Final = 2
"""Clients that stay whatever they expect: a federation of one is none."""

CASH: Final = {"value-0": 50_000.0, "value-1": 50_000.0, "noise-0": 20_000.0, "noise-1": 20_000.0}


@dataclass
class Investor:
    """A value investor that knows who is still training, which `present` (clients,) says.

    Before scores, it expects the shares (clients,) of its `prior`, which weighs one round.
    """

    name: str
    prior: Floats
    present: Floats

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade the largest mispricings."""
        expected = shares_with_prior(market.reward_shares(), self.prior, 1.0) * self.present
        values = values_of(market, expected / expected.sum())
        trade_towards(market, self.name, values, edge=0.02, trades=market.clients, spend=0.25)


@dataclass
class Training:
    """A federation that trains on with whoever is `present`.

    `method` pays; no share exceeds `score_cap` times that of the `supplies`.
    """

    federation: Federation
    method: str
    supplies: tuple[int, ...]
    seed: int
    score_cap: float = DEFAULT_SCORE_CAP
    model: Arrays = field(init=False)
    present: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.model = list(self.federation.initial)
        self.present = np.ones(len(self.federation.partitions))

    def train(self, rounds: int, phase: int) -> Floats:
        """Train `rounds` more rounds; returns the shares (rounds, n) that are paid.

        Who is not there contributes nothing; it is paid where nobody does, or everybody else is at the cap.
        """
        inside = np.flatnonzero(self.present).tolist()
        members = [self.federation.partitions[k] for k in inside]
        weights = self.federation.sizes[inside]
        seed = PHASES * self.seed + phase
        recipe = setting_of(DATA).recipe
        trained = train_federation(members, self.model, weights, recipe, rounds, seed)
        self.model = list(trained.final)
        worth = np.zeros((rounds, len(self.present)))
        worth[:, inside] = self._assessed(trained, weights, seed)
        return reward_shares(worth, supplies=self.supplies, score_cap=self.score_cap)

    def _assessed(self, trained: Trained, weights: Floats, seed: int) -> Floats:
        return assess_rounds(
            trained,
            weights,
            self.federation.validation,
            method=PAYING[self.method],
            evaluations=0,
            seed=seed,
            sizes=[int(rows) for rows in weights],
        ).values

    def quality(self) -> tuple[float, float]:
        """Return log-loss in nats and accuracy of the model as it is, on the federator's rows."""
        held = self.federation.validation
        outputs = logits([array[None] for array in self.model], held.features)
        return float(log_losses(outputs, held.labels)[0]), float(accuracies(outputs, held.labels)[0])


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return one row a method, allocation and view.  Settings: seed, market, clients, rounds.

    Raises ValueError unless there are four equal phases of at least two rounds.
    """
    if settings["rounds"] % PHASES or settings["rounds"] < 2 * PHASES:
        raise ValueError(f"rounds are {PHASES} equal phases of at least 2, got {settings['rounds']}")
    seed, clients = settings["seed"], settings["clients"]
    wrong = evenly_spaced(clients, MOST_WRONG, np.random.default_rng([seed, 0]))
    federation = federation_of(DATA, clients, seed, wrong_labels=wrong, sharing=QuantitySkew(SIZES))
    together = Training(federation, "equal", (SUPPLY,) * clients, seed)
    for phase in range(PHASES):
        together.train(settings["rounds"] // PHASES, phase)
    rows = []
    for method, allocation, view in cells(settings["market"]):
        shares = np.full(clients, 1 / clients)
        if allocation == "reputation":
            earned = Training(federation, method, (SUPPLY,) * clients, seed + 1_000_000)
            shares = earned.train(REPUTATION_ROUNDS, 0).mean(axis=0)
        training = Training(federation, method, _supplies(shares), seed, ALLOCATIONS[allocation])
        found = _lived(settings, training, wrong, view)
        found["log_loss_lost"] = found["log_loss"] - together.quality()[0]
        rows.append({"method": method, "allocation": allocation, "view": view} | found)
    return {"rows": rows}


def cells(market: str) -> list[tuple[str, str, View]]:
    """Return what is compared: method, allocation and view; on a chain, which takes long, a third of it."""
    if market == "chain":
        return [(method, allocation, "scores") for method in PAYING for allocation in ("equal", "reputation")]
    return [(method, allocation, view) for method in PAYING for allocation in ALLOCATIONS for view in VIEWS]


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job a federation.  On a chain: three clients and eight rounds, one seed."""
    chain = market == "chain"
    count = seeds if seeds is not None else (1 if quick or chain else 20)
    clients, rounds = (3, 8) if chain else (5, 8) if quick else (8, 20)
    return [
        Job(measure, {"seed": seed, "market": market, "clients": clients, "rounds": rounds}, cost=10.0)
        for seed in range(count)
    ]


def staying(expected: Floats, cost: Floats, present: Floats) -> Floats:
    """Return who is `present` (n,) from now on: those who expect at least what training costs them.

    Both (n,) are numeraire a round.  The last two stay, those who lose least.
    """
    left = present * (expected >= cost)
    if left.sum() >= FEWEST:
        return np.asarray(left)
    ratio = np.where(present > 0, expected / cost, -np.inf)
    kept = np.zeros(len(present))
    kept[np.argsort(-ratio, kind="stable")[:FEWEST]] = 1.0
    return kept * present


def _supplies(shares: Floats) -> tuple[int, ...]:
    """Return whole tokens by `shares` (n,), a part given out equally; all together n times the standard."""
    part = GIVEN_EQUALLY / len(shares) + (1.0 - GIVEN_EQUALLY) * shares
    return tuple(round(SUPPLY * len(shares) * one) for one in part)


def _lived(settings: Mapping[str, Any], training: Training, wrong: Floats, view: View) -> dict[str, Any]:
    """Train, pay and trade phase by phase; returns what is measured."""
    seed, rounds, clients = settings["seed"], settings["rounds"], settings["clients"]
    stage = Stage(
        clients=clients,
        rounds=rounds,
        market=settings["market"],
        budget=BUDGET,
        supplies=tuple(float(supply) for supply in training.supplies),
    )
    market = open_stage(stage, CASH, seed=seed)
    supplies = np.array([market.supply(k) for k in range(clients)])
    prior = supplies / supplies.sum()
    investors = [Investor(name, prior, training.present) for name in CASH if name.startswith("value")]
    for investor in investors:
        endow(market, investor.name, HOLDING)
    agents: list[Agent] = [*investors, *[NoiseTrader(name) for name in CASH if name.startswith("noise")]]
    life = Life(market, agents, np.random.default_rng([seed, 2]))
    cost = COST * BUDGET / rounds * training.federation.sizes / training.federation.sizes.sum()
    paid, implied, changes = [], [], []
    for phase in range(PHASES):
        shares = training.train(rounds // PHASES, phase)
        paid.append(shares)
        levels = []
        for moment in life.play(shares):
            if moment.phase == "trading":
                levels.append(market.spot_prices() * supplies / market.escrow())
        implied += levels
        there = training.present > 0
        changes.append((_change(shares[:, there]), _change(np.array(levels)[:, there])))
        if phase + 1 < PHASES:
            kept = [market.balance_of(name, k + 1) for k, name in enumerate(client_names(clients))]
            if view == "scores":
                expected = shares_with_prior(shares, prior, 1.0) * BUDGET / rounds * kept / supplies
            else:
                expected = market.spot_prices() * kept / (rounds - market.opened())
            training.present = staying(expected, cost, training.present)
            for investor in investors:
                investor.present = training.present
    better = wrong <= np.median(wrong)
    log_loss, accuracy = training.quality()
    reward_change, price_change = np.mean(changes, axis=0) * clients
    return {
        "reward_change": float(reward_change),
        "price_change": float(price_change),
        "opening_error": float(np.abs(implied[0] - paid[0].mean(axis=0)).mean() * clients),
        "better_left": float(training.present[better].mean()),
        "worse_left": float(training.present[~better].mean()),
        "log_loss": log_loss,
        "accuracy": accuracy,
    }


def _change(levels: Floats) -> float:
    """Return the mean absolute change of `levels` (rounds, n) from one round to the next."""
    return float(np.abs(np.diff(levels, axis=0)).mean())
