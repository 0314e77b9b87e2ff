"""What does manipulation earn, whom does it cost, and who would notice?

Question: what does an attacker gain from (a) a federator that pays sock clients more than they contributed,
(b) wash trading, (c) pump and dump, (d) worthless identities; who pays for it; does it help that rounds are
recomputed and challenged; and how often would simple alarms ring, rightly and for nothing?

Method: ten clients with 0 to half of their labels wrong train on credit data; every round is scored by a
sampler of Shapley values, so that scores are noisy. They sell own tokens that are too dear, on the clock, to
value investors, followers of price and of volume, and noise, all with finite money; rewards are claimed.
Every attack is played beside the same federation without it: same scores, same traders, each with random
numbers and a place in the order of its own. A client recomputes a round with probability `check`; if it
differs, it challenges, the arbiter puts the right scores in their place, and bonds are paid by the contracts'
rules, from the federator's default bond or a larger one. Attackers know `check`, trade on it from before they
cheat, and do not stop when caught.

Measure: at maturity all is money, so the attacker's profit is what it has more than without the attack, and
what it takes from clients, investors and liquidity providers are parts of the same sum. Both in percent of
the budget. Alarms: largest difference of a claimed share to a recomputed one; largest claimed share above
what the price implied; largest volume of a token by holder; largest volume that went there and back. Each is
the maximum from a quarter of the rounds on, when attacks start (puppets: at the opening); the threshold is
the 95 % quantile of honest runs with other seeds than those that rates are of.

How it could fail: attackers here are simple, and one who knows the alarms can stay below them. Followers are
as gullible as their patience makes them; with others pump and dump pays differently. Investors here learn
from scores alone; where they know clients otherwise, price contradicts false scores longer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from wallstreetfeds.contribution import integer_scores
from wallstreetfeds.experiments.histories import federation_of, history
from wallstreetfeds.experiments.lab import (
    PROVIDER,
    Floats,
    Life,
    Role,
    Stage,
    client_names,
    open_stage,
    own_numbers,
)
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.agents import (
    Agent,
    CapitalRaiser,
    MomentumTrader,
    NoiseTrader,
    PumpAndDump,
    Treasurer,
    ValueInvestor,
    WashTrader,
)
from wallstreetfeds.sim.agents.colluder import Colluder
from wallstreetfeds.sim.agents.volume import VolumeFollower
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket
from wallstreetfeds.sim.model.terms import DAY
from wallstreetfeds.sim.turnover import holders, turnover

SIZES: Final = {"clients": 10, "rounds": 20, "crowd": 2, "sessions": 3}
"""`crowd` traders of each kind share the money of that kind; they trade `sessions` times before a round."""

ON_CHAIN_SIZES: Final = {"clients": 4, "rounds": 2, "crowd": 1, "sessions": 1}
SEEDS: Final = 30
CAP: Final = 4
"""A client's score is at most so many times its part of the supply."""

CALIBRATION: Final = 3
"""Honest runs are so many times as many: seeds that no attack has say where alarms ring."""

BUDGET: Final = 1_000_000.0
ATTACKER: Final = "attacker"
PURSE: Final = 100_000.0
"""What the attacker has, whole numeraire."""

CHECKER: Final = client_names(1)[0]
"""The client that recomputes rounds, with money for bonds."""

ENDOWMENT: Final = 0.06
"""Part of every honest supply that the value investors start with, so that they can sell."""

PATIENCE: Final = 0.1
"""How far above the spot price a follower buys: five times what an ordinary momentum trader does."""

LARGE_BOND: Final = 0.2
"""A bond that outlasts every catch, part of the budget; the default is a twentieth."""

EVALUATIONS: Final = 128
SAMPLING_ERROR: Final = 0.04
"""Of synthetic scores: the standard deviation of a claimed share."""


@dataclass(frozen=True)
class Attack:
    """What is done.

    `kind` is honest, collusion, wash, pump or puppets. `seats` clients are the attacker's: the last of those
    there are; puppets come on top, and who pumps has none. `gain` is the part of a pot that collusion adds to
    each; 0: up to the cap. `check` is the probability that a round is recomputed; `bond` is the federator's,
    a part of the budget (None: the default); `followers` is the money of those who follow the price, and of
    those who follow volume.
    """

    kind: str
    seats: int = 1
    gain: float = 0.0
    check: float = 0.0
    followers: float = 50_000.0
    bond: float | None = None


ATTACKS: Final = (
    Attack("honest"),
    *(Attack("collusion", check=check) for check in (0.0, 0.25, 0.5, 0.75, 1.0)),
    Attack("collusion", gain=0.02),
    Attack("collusion", gain=0.1),
    *(Attack("collusion", check=check, bond=LARGE_BOND) for check in (0.5, 0.75, 1.0)),
    *(Attack("collusion", seats=3, check=check) for check in (0.0, 0.5, 0.9, 1.0)),
    *(Attack("collusion", seats=3, check=check, bond=LARGE_BOND) for check in (0.5, 0.9, 1.0)),
    *(Attack("wash", check=check) for check in (0.0, 1.0)),
    *(Attack("pump", followers=money) for money in (0.0, 50_000.0, 250_000.0)),
    Attack("pump", check=1.0),
    *(Attack("puppets", seats=seats) for seats in (1, 5, 10)),
    Attack("puppets", seats=5, check=1.0),
)
ON_CHAIN: Final = (
    Attack("honest"),
    *(Attack("collusion", check=check) for check in (0.0, 1.0)),
    Attack("wash"),
    Attack("pump"),
    Attack("puppets", seats=2),
)
QUICK: Final = (*ON_CHAIN, Attack("wash", check=1.0), Attack("pump", check=1.0))


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job for each attack and seed; on a chain and when quick, few, small and synthetic."""
    small = quick or market == "chain"
    attacks = ON_CHAIN if market == "chain" else QUICK if quick else ATTACKS
    count = seeds if seeds is not None else 2 if market == "chain" else 4 if quick else SEEDS
    sizes = ON_CHAIN_SIZES if market == "chain" else SIZES
    rewards = "synthetic" if small else "learned"
    return [
        Job(measure, {"seed": seed, "market": market, "rewards": rewards, **sizes, **asdict(attack)})
        for attack in attacks
        for seed in range(1, (CALIBRATION if attack.kind == "honest" else 1) * count + 1)
    ]


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return what one attack on one federation does: profit, losses by group, and the alarms' readings.

    Raises ValueError for an attack that does not exist or does not fit the federation.
    """
    names = ("kind", "seats", "gain", "check", "followers", "bond")
    attack = Attack(**{name: settings[name] for name in names})
    clients, rounds, seed = settings["clients"], settings["rounds"], settings["seed"]
    _check(attack, clients)
    scored, recomputed = _scores(settings["rewards"], clients, rounds, seed)
    honest = Run(settings, attack, scored, attacked=False)
    before = honest.play()
    run, after = honest, before
    if attack.kind != "honest":
        run = Run(settings, attack, scored, attacked=True)
        after = run.play()
    gained = {name: after[name] - before.get(name, 0.0) for name in after}
    groups = {name: _group(name, run.own) for name in after}
    row: dict[str, float] = {
        group: sum(gained[name] for name in groups if groups[name] == group) / BUDGET
        for group in ("attacker", "clients", "investors", "providers")
    }
    overpaid = (run.claimed - np.pad(scored, ((0, 0), (0, len(run.names) - clients))))[:, run.seats].sum()
    row |= {"overpaid": float(overpaid) / rounds, "caught": run.caught}
    return {"rows": [row | _alarms(run, recomputed)]}


class Run:
    """One federation's whole life, with the attack or without it."""

    def __init__(
        self, settings: Mapping[str, Any], attack: Attack, scored: Floats, *, attacked: bool
    ) -> None:
        seed, crowd = settings["seed"], settings["crowd"]
        self.attack, self.attacked, self.caught = attack, attacked, 0
        rounds, honest = scored.shape
        puppets = attack.seats if attacked and attack.kind == "puppets" else 0
        self.shares: Floats = np.array([_as_paid(row) for row in np.pad(scored, ((0, 0), (0, puppets)))])
        self.start = rounds // 4
        self.names = client_names(honest + puppets)
        colluding = attack.seats if attacked and attack.kind == "collusion" else 0
        seats = {"pump": 0, "puppets": puppets}.get(attack.kind, attack.seats)
        self.seats = list(range(honest + puppets - seats, honest + puppets))
        self.own = {ATTACKER, "federator", *(self.names[k] for k in self.seats)}
        self.claimed: Floats = np.array(
            [self._claim(number, row) for number, row in enumerate(self.shares, 1)]
        )
        self.priced = np.zeros(self.shares.shape)
        traders = _purses(attack.followers, crowd)
        cash = traders | {ATTACKER: PURSE, CHECKER: PURSE}
        stage = Stage(
            clients=honest + puppets,
            rounds=rounds,
            market=settings["market"],
            budget=BUDGET,
            score_cap=CAP,
            bond=attack.bond,
            challenge_window=DAY,
        )
        self.market = open_stage(stage, cash, seed=seed)
        self.people = dict.fromkeys([*cash, *self.names, PROVIDER, "federator"])
        for investor in (name for name in traders if name.startswith("value")):
            for k in range(honest):
                self.market.transfer(
                    self.names[k], investor, k + 1, ENDOWMENT / crowd * self.market.supply(k)
                )
        self.volumes: list[float] = []
        self.circular: list[float] = []
        self._read = 0
        self._coins = np.random.default_rng([seed, 1]).random(len(scored))
        others = _traders(seed, [*traders, *self.names[:honest]])
        for role in others[len(others) - colluding :]:
            role.end = self.start
        cast = [*others, *self._attackers(np.random.default_rng([seed, 2]))]
        chance = np.random.default_rng([seed, 3])
        self.life = Life(self.market, cast, chance, (settings["sessions"], 1), self._settle)

    def play(self) -> dict[str, float]:
        """Play all rounds; returns what everybody has at maturity, whole numeraire."""
        supplies = np.array([self.market.supply(k) for k in range(len(self.names))])
        for moment in self.life.play(self.shares):
            if moment.phase == "trading":
                worth = self.market.spot_prices() * supplies
                self.priced[moment.round - 1] = worth / worth.sum()
            if moment.phase == "paid":
                self._read_volume()
                for name in self.people:
                    self.market.claim(name)
        self.market.withdraw_bond()
        for name in self.people:
            if self.market.lp_shares(name) > 0:
                self.market.remove_liquidity(name, self.market.lp_shares(name))
            self.market.claim(name)
        return {name: self.market.balance_of(name, NUMERAIRE) for name in self.people}

    def _claim(self, number: int, row: Floats) -> Floats:
        """Return the shares that the federator submits for a round."""
        if not self.attacked or self.attack.kind != "collusion" or number <= self.start:
            return row
        most = CAP / len(row)
        false = np.minimum(row[self.seats] + self.attack.gain, most) if self.attack.gain else most
        claimed = row.copy()
        claimed[self.seats] = np.minimum(false, 1.0 / len(self.seats))
        others = np.setdiff1d(np.arange(len(row)), self.seats)
        claimed[others] *= (1.0 - claimed[self.seats].sum()) / row[others].sum()
        return _as_paid(claimed)

    def _settle(self, market: DrivenMarket, row: Floats) -> None:
        """Submit what is claimed; whoever recomputes and finds another result challenges."""
        number, disputes = market.opened(), market.disputes
        right, claimed = _as_scores(row), _as_scores(self.claimed[number - 1])
        disputes.submit_scores(claimed)
        false = claimed != right and self._coins[number - 1] < self.attack.check
        if false:
            disputes.challenge(CHECKER)
        market.advance_time(DAY)
        if false:
            disputes.replace_scores(right)
            self.caught += 1
        disputes.finalize_round()
        if false:
            disputes.withdraw_challenge_bond(number, CHECKER)

    def _attackers(self, rng: np.random.Generator) -> list[Role]:
        """Return those who trade for the attacker."""
        last = len(self.names) - 1
        if not self.attacked:
            return []
        if self.attack.kind == "wash":
            return [Role(WashTrader(ATTACKER, last), rng, self.start, 2 * self.start)]
        if self.attack.kind == "pump":
            return [Role(PumpAndDump(ATTACKER, last, pump=6, dump=3), rng, self.start)]
        if self.attack.kind == "puppets":
            return [Role(CapitalRaiser(self.names[k], k, part=1.0, slices=4), rng) for k in self.seats]
        later, check = slice(self.start, None), self.attack.check
        expected = (1.0 - check) * self.claimed[later].mean(axis=0) + check * self.shares[later].mean(axis=0)
        friends = {self.names[k]: [k] for k in self.seats} | {ATTACKER: self.seats}
        return [Role(Colluder(name, seats, expected), rng, self.start) for name, seats in friends.items()]

    def _read_volume(self) -> None:
        """Note the largest volume by holder, and the largest volume there and back, of the last round."""
        trades = self.market.trades()
        made, self._read = turnover(trades[self._read :], len(self.names)), len(trades)
        count = np.maximum(holders(self.market, list(self.people)), 1)
        self.volumes.append(float((made.volume / count).max()))
        self.circular.append(float((made.volume - made.net).max()))


# --- inside ---


def _check(attack: Attack, clients: int) -> None:
    kinds = list(dict.fromkeys(known.kind for known in ATTACKS))
    if attack.kind not in kinds:
        raise ValueError(f"no attack {attack.kind!r}; there are {', '.join(kinds)}")
    if not 0 <= attack.check <= 1:
        raise ValueError(f"check is a probability, got {attack.check}")
    if attack.kind != "puppets" and not attack.seats < clients - 1:
        raise ValueError(f"{attack.seats} of {clients} clients are the attacker's; two have to be honest")


def _scores(rewards: str, clients: int, rounds: int, seed: int) -> tuple[Floats, Floats]:
    """Return the shares that a sampler scores, and those of a recomputation (rounds, clients)."""
    if rewards == "learned":
        wrong = np.linspace(0.0, 0.5, clients)
        made = federation_of("credit", clients, seed, wrong_labels=wrong)
        sampled = history("credit", made, rounds, seed, method="svarm", evaluations=EVALUATIONS)
        other = history("credit", made, rounds, seed, method="surrogate", evaluations=EVALUATIONS)
        return sampled.reward_shares, other.reward_shares
    if rewards != "synthetic":
        raise ValueError(f"no rewards {rewards!r}; there are learned and synthetic")
    quality = np.linspace(1.0, 0.0, clients)
    right = np.tile(quality / quality.sum(), (rounds, 1))
    errors = np.random.default_rng([seed, 0]).normal(0.0, SAMPLING_ERROR, right.shape)
    return np.array([_as_paid(row) for row in right + errors]), right


def _as_scores(shares: Floats) -> list[int]:
    return integer_scores(shares.tolist(), score_cap=CAP)


def _as_paid(shares: Floats) -> Floats:
    """Return shares as the contract pays them: cut to the cap, the excess spread over the others."""
    return np.array(_as_scores(shares)) / sum(_as_scores(shares))


def _purses(followers: float, crowd: int) -> dict[str, float]:
    """Return who trades in every run, with its money."""
    return {
        f"{kind}-{number}": money / crowd
        for kind, money in (
            ("value", 150_000.0),
            ("momentum", followers),
            ("volume", followers),
            ("noise", 50_000.0),
        )
        for number in range(1, crowd + 1)
    }


def _traders(seed: int, names: Iterable[str]) -> list[Role]:
    """Return the trader that each name's first part says, with random numbers of its own."""
    kinds: Mapping[str, Callable[[str], Agent]] = {
        "value": ValueInvestor,
        "momentum": lambda name: MomentumTrader(name, patience=PATIENCE),
        "volume": lambda name: VolumeFollower(name, patience=PATIENCE),
        "noise": NoiseTrader,
        "client": lambda name: Treasurer(name, int(name.split("-")[1]) - 1),
    }
    return [Role(kinds[name.split("-")[0]](name), own_numbers(seed, name)) for name in names]


def _group(name: str, own: Collection[str]) -> str:
    if name in own:
        return "attacker"
    if name == PROVIDER:
        return "providers"
    return "clients" if name.startswith("client-") else "investors"


def _alarms(run: Run, recomputed: Floats) -> dict[str, float]:
    """Return what each alarm reads: its largest value from the round on in which attacks may start."""
    since, puppets = run.start, run.shares.shape[1] - recomputed.shape[1]
    anew = np.array([_as_paid(row) for row in np.pad(recomputed, ((0, 0), (0, puppets)))])
    return {
        "recomputed_alike": float(np.abs(run.claimed - run.shares)[since:].max()),
        "recomputed_anew": float(np.abs(run.claimed - anew)[since:].max()),
        "price": float((run.claimed - run.priced)[since:].max()),
        "volume": max(run.volumes[since:]),
        "circular": max(run.circular[since:]),
    }
