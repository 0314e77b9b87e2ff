"""Can clients raise capital by selling their tokens, and does the money go where it helps?

Question.  A client may sell part of its future rewards for money today.  Who gets how much, is it a fair
price, does the money find those who contribute later, and is it spent on the data once it is there?

Method.  Federations of ten clients on the credit file, 0 to 50 % of the labels wrong, evenly spaced.  Every
client lists a fifth of its supply and sells another 0, 20, 50 or 80 % before the first round, to three
investors who have seen everybody's quality with an error as large as its spread, two who have not, and two
noise traders, all with finite money.  The tokens are sold at one instant, in six equal slices while the
others trade (TWAP), or in the same slices during a bootstrapping sale, whose prices start at three times the
prior and fall.  What was raised is spent on cleaning labels (m leaves w * exp(-m / 20,000) of w wrong), or
pocketed, or spent rationally: the amount that is best for the client, which gets only the part of its later
rewards that it has kept.  Retention makes everybody keep 20 or 40 %.  Then the federation is trained with the
data as they now are, paid by the surrogate, and traded on to the end.  Buyers do not know what will be done
with the money, so that one sale serves all three uses.

Measure.  Within each federation, the correlation of the money raised with the later contribution, and with
what that gained by the cleaning; proceeds over the realised rewards of the tokens sold, and for the better
and the worse half of clients what they got beyond those, as a part of the prior price; the final model; the
part of the money that was spent; what providers and traders won.

How it could fail.  The cost of cleaning decides who invests: dear enough, nobody would.  What buyers know is
assumed, and a correlation of money with contribution is made of it; the pocketed arm shows how much.  A
client's idea of its reward (in proportion to labels right more often than not) is a rule of thumb.  There is
no second sale, no reputation, and no penalty for broken promises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from wallstreetfeds.experiments.histories import federation_of, history
from wallstreetfeds.experiments.lab import SESSION, Life, Stage, client_names, open_stage, wealth
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import pearson, spearman
from wallstreetfeds.sim.agents import Agent, NoiseTrader, ValueInvestor
from wallstreetfeds.sim.agents.agent import swap
from wallstreetfeds.sim.agents.signal import SignalInvestor, noisy_signal
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.learning.learned import Learned
from wallstreetfeds.sim.learning.networks import Floats
from wallstreetfeds.sim.learning.partitioners import evenly_spaced
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket
from wallstreetfeds.sim.simulation import trade

Way = Literal["single", "twap", "bootstrapping"]
Use = Literal["pocket", "rational", "invest"]

DATA: Final = "credit"
BUDGET: Final = 1_000_000.0
LISTED: Final = 0.2
PARTS: Final = (0.0, 0.2, 0.5, 0.8)
RETAINED: Final = (0.2, 0.4)
"""Parts of the supply that may not be sold: the default of the contracts, and twice as much."""

USES: Final[tuple[Use, ...]] = ("pocket", "rational", "invest")
CLEANING: Final = 20_000.0
"""Money after which a share 1 / e of a client's wrong labels is left, whole numeraire."""

MOST_WRONG: Final = 0.5
SLICES: Final = 6
LARGEST_PIECE: Final = 0.25
"""Most that one swap sells, a part of the pool's books: pools refuse 0.3."""

MONEY: Final = {"informed": (3, 150_000.0), "value": (2, 75_000.0), "noise": (2, 20_000.0)}
"""How many there are of each kind of trader, and what each has."""


@dataclass(frozen=True)
class Cell:
    """What clients do: the `part` of the supply that they sell, what they must keep, how, and what for."""

    part: float
    retained: float
    way: Way
    use: Use

    @property
    def sold(self) -> float:
        """The part that is left to sell after listing and retention."""
        return min(self.part, 1.0 - LISTED - self.retained)


def cells(market: str) -> list[Cell]:
    """Return what is compared; on a chain, which takes long and has no bootstrapping sale, a part of it."""
    if market == "chain":
        sold: list[Cell] = [Cell(0.5, 0.0, "twap", use) for use in USES]
        return [*sold, Cell(0.8, RETAINED[-1], "twap", "rational"), Cell(0.5, 0.0, "single", "pocket")]
    found = [Cell(0.0, 0.0, "twap", "pocket")]
    found += [Cell(part, 0.0, "twap", use) for part in PARTS[1:] for use in USES]
    found += [Cell(PARTS[-1], retained, "twap", use) for retained in RETAINED for use in USES]
    found += [Cell(part, 0.0, way, "pocket") for way in ("single", "bootstrapping") for part in PARTS[1:]]
    return found


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return one row a cell for the federation of a seed.  Settings: seed, market, clients, rounds."""
    seed, clients = settings["seed"], settings["clients"]
    wrong = evenly_spaced(clients, MOST_WRONG, np.random.default_rng([seed, 0]))
    before = _trained(settings, wrong)
    return {"rows": [_lived(settings, cell, wrong, before) for cell in cells(settings["market"])]}


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job a federation.  On a chain: three clients and two rounds, one seed."""
    chain = market == "chain"
    count = seeds if seeds is not None else (1 if chain or quick else 30)
    clients, rounds = (3, 2) if chain else (10, 10)
    return [
        Job(measure, {"seed": seed, "market": market, "clients": clients, "rounds": rounds}, cost=6.0)
        for seed in range(count)
    ]


# --- what money buys ---


def cleaned(wrong: Floats, money: Floats) -> Floats:
    """Return the share of labels (n,) still wrong after `money` (n,) was spent on checking them."""
    return np.asarray(wrong * np.exp(-money / CLEANING))


def best_investment(client: int, wrong: Floats, money: float, kept: float) -> float:
    """Return what a client spends of its `money` for its own good, a multiple of a 40th of it.

    It expects a share of the budget in proportion to right labels less half, which teach nothing, takes what
    the others do as it is, and gets the part `kept` of its rewards.
    """
    choices = np.linspace(0.0, money, 41)
    teaches = 1.0 - 2.0 * wrong
    own = 1.0 - 2.0 * cleaned(np.full(len(choices), wrong[client]), choices)
    others = teaches.sum() - teaches[client]
    total = np.maximum(own + others, np.finfo(np.float64).tiny)
    profit = kept * BUDGET * own / total - choices
    return float(choices[np.argmax(profit)])


def _spent(use: Use, wrong: Floats, money: Floats, kept: Floats) -> Floats:
    if use == "invest":
        return money
    if use == "pocket":
        return np.zeros(len(money))
    return np.array([best_investment(k, wrong, money[k], kept[k]) for k in range(len(money))])


def _trained(settings: Mapping[str, Any], wrong: Floats) -> Learned:
    seed = settings["seed"]
    federation = federation_of(DATA, settings["clients"], seed, wrong_labels=wrong)
    return history(DATA, federation, settings["rounds"], seed, method="surrogate")


# --- a federation's life ---


def _lived(settings: Mapping[str, Any], cell: Cell, wrong: Floats, before: Learned) -> dict[str, Any]:
    """Sell, spend, train, trade on; returns the cell's row."""
    seed, clients = settings["seed"], settings["clients"]
    agents, cash = _traders(seed, 1.0 - wrong)
    curve = "bootstrapping" if cell.way == "bootstrapping" else "clock"
    stage = Stage(
        clients=clients,
        rounds=settings["rounds"],
        curve=curve,
        market=settings["market"],
        budget=BUDGET,
        listed=LISTED,
        retained=cell.retained,
    )
    market = open_stage(stage, cash, seed=seed, wait=curve == "clock")
    life = Life(market, agents, np.random.default_rng([seed, 2]))
    raised = _sold(market, cell, agents, np.random.default_rng([seed, 3]))
    left = [market.balance_of(name, k + 1) for k, name in enumerate(client_names(clients))]
    kept = np.array(left) / [market.supply(k) for k in range(clients)]
    spent = _spent(cell.use, wrong, raised, kept)
    after = _trained(settings, cleaned(wrong, spent)) if spent.any() else before
    for _ in life.play(after.reward_shares):
        pass
    sold = 1.0 - LISTED - kept
    fair = life.per_token * [sold[k] * market.supply(k) for k in range(clients)]
    prior = sold * BUDGET / clients
    better = wrong <= np.median(wrong)
    worth, gained = after.values.mean(axis=0), after.values.mean(axis=0) - before.values.mean(axis=0)
    won = sum(wealth(market, name, np.zeros(clients)) for name in cash) - sum(cash.values())
    return {
        "part": cell.part,
        "retention": cell.retained,
        "way": cell.way,
        "use": cell.use,
        "sold": float(sold.mean()),
        "raised": float(raised.mean()),
        "spent": _ratio(spent.sum(), raised.sum()),
        "pearson": _defined(pearson(raised, worth)),
        "spearman": _defined(spearman(raised, worth)),
        "spearman_gain": _defined(spearman(raised, gained)) if cell.use != "pocket" else None,
        "proceeds": _ratio(raised.sum(), fair.sum()),
        "excess_better": _ratio((raised - fair)[better].sum(), prior[better].sum()),
        "excess_worse": _ratio((raised - fair)[~better].sum(), prior[~better].sum()),
        "log_loss": float(after.log_loss[-1]),
        "improved": float(before.log_loss[-1] - after.log_loss[-1]),
        "accuracy": float(after.accuracy[-1]),
        "provider": life.liquidity_result(),
        "investors": float(won / sum(cash.values())),
    }


def _traders(seed: int, quality: Floats) -> tuple[list[Agent], dict[str, float]]:
    rng = np.random.default_rng([seed, 1])
    error = float(quality.std())
    agents: list[Agent] = []
    cash = {}
    for kind, (count, money) in MONEY.items():
        for number in range(count):
            name = f"{kind}-{number}"
            cash[name] = money
            if kind == "informed":
                agents.append(SignalInvestor(name, noisy_signal(quality, error, rng), trades=len(quality)))
            else:
                agents.append(ValueInvestor(name) if kind == "value" else NoiseTrader(name))
    return agents, cash


def _sold(market: DrivenMarket, cell: Cell, agents: list[Agent], rng: np.random.Generator) -> Floats:
    """Let every client sell in random order, the others trading around it; returns what each got (n,)."""
    names = client_names(market.clients)
    raised = np.zeros(len(names))
    for step in range(SLICES):
        if cell.way != "single" or step == SLICES // 2:
            part = cell.sold / (1 if cell.way == "single" else SLICES)
            for k in rng.permutation(len(names)).tolist():
                raised[k] += _sell_all(market, names[k], k, part * market.supply(k))
        trade(market, agents, rng)
        market.advance_time(SESSION)
    return raised


def _sell_all(market: DrivenMarket, name: str, client: int, amount: float) -> float:
    """Sell `amount` whatever it brings, in as many swaps as the pool's limit asks for."""
    got = 0.0
    while amount > 0:
        piece = min(amount, LARGEST_PIECE * float(market.reserves()[client + 1]))
        received = swap(market, name, client + 1, NUMERAIRE, piece)
        if received <= 0:
            break
        got, amount = got + received, amount - piece
    return got


def _ratio(left: float, right: float) -> float | None:
    return float(left / right) if right > 0 else None


def _defined(value: float) -> float | None:
    return value if np.isfinite(value) else None
