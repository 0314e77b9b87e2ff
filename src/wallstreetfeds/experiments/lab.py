"""A federation's life in a market, as every market experiment plays it.

    market = open_stage(Stage(clients=10, rounds=50), cash={"value": 50_000.0})
    life = Life(market, [ValueInvestor("value")], rng)
    for moment in life.play(shares):
        if moment.phase == "trading":
            market.spot_prices()  # just before the record date of round `moment.round`
    life.liquidity_result()

Money is whole numeraire; one token of every client together is a complete set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents import Agent
from wallstreetfeds.sim.curves import CURVES, Curve, open_market
from wallstreetfeds.sim.fair_value import fair_prices
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket, Market
from wallstreetfeds.sim.model.federation import Client
from wallstreetfeds.sim.model.terms import Terms
from wallstreetfeds.sim.simulation import trade

Floats = NDArray[np.float64]
Phase = Literal["trading", "opened", "paid"]

PROVIDER: Final = "provider"
"""Who brings the numeraire that the pool opens with."""

SCORE_SUM: Final = 10**9
SESSION: Final = 600
"""Seconds that a trading session takes."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a market opens with; `curve` is one of `sim.curves.CURVES`, by name, or one's own.

    `depth` is the numeraire that the provider brings, a part of the budget; None: as much as the listed
    tokens are worth at the prior price, half of the pool.  `bond` is the federator's, a part of the budget;
    None: the default of `Terms`.  `supplies` None: the standard supply for all.  The other fields are those
    of `Terms`; no score cap, so that synthetic shares are paid as they are.
    """

    clients: int = 10
    rounds: int = 50
    curve: str | Curve = "clock"
    market: str = "model"
    budget: float = 1_000_000.0
    depth: float | None = None
    bond: float | None = None
    listed: float = 0.2
    retained: float = 0.2
    swap_fee: float = 0.003
    opening_fee: float = 0.9
    opening_period: int = 3600
    challenge_window: int = 0
    score_cap: float = 64.0
    supplies: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not float(self.rounds).is_integer():
            raise ValueError(f"rounds has to be a whole number, got {self.rounds}")
        if self.supplies is not None and len(self.supplies) != self.clients:
            raise ValueError(
                f"supplies has to have one number a client: {self.clients}, got {len(self.supplies)}"
            )

    @property
    def terms(self) -> Terms:
        """The federation's terms."""
        return Terms(
            budget=self.budget,
            rounds=self.rounds,
            listed=self.listed,
            retained=self.retained,
            swap_fee=self.swap_fee,
            opening_fee=max(self.opening_fee, self.swap_fee),
            opening_period=self.opening_period,
            challenge_window=self.challenge_window,
            score_cap=self.score_cap,
            bond=None if self.bond is None else self.bond * self.budget,
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a life is: before the record date of a round, after it, or after its payment."""

    round: int
    phase: Phase


def client_names(count: int) -> list[str]:
    """Return the names of the clients in join order."""
    return [f"client-{number}" for number in range(1, count + 1)]


def open_stage(stage: Stage, cash: Mapping[str, float], *, seed: int = 0, wait: bool = True) -> DrivenMarket:
    """Open a market; `cash` is what everybody who trades has, by name.

    With `wait` the opening period is over when it returns.  `seed` names the embedded chain's accounts.
    Raises ValueError for a curve or market that does not exist, or a curve that is no contract on a chain.
    """
    clients = _clients(stage)
    depth = stage.listed if stage.depth is None else stage.depth
    deposits = {PROVIDER: depth * stage.budget}
    if stage.market == "model":
        market: DrivenMarket = open_market(stage.curve, stage.terms, clients, deposits, cash)
    elif stage.market == "chain":
        market = _on_chain(stage, clients, deposits, cash, seed)
    else:
        raise ValueError(f"no market {stage.market!r}; there are model and chain")
    if wait and stage.opening_period:
        market.advance_time(stage.opening_period + 1)
    return market


def endow(market: DrivenMarket, name: str, part: float) -> None:
    """Let every client send `part` of its supply to `name`, as a sale before the market would have.

    Raises ValueError for a part that is not between 0 and 1.
    """
    if not 0.0 <= part <= 1.0:
        raise ValueError(f"a part of a supply is between 0 and 1, got {part}")
    for k, client in enumerate(client_names(market.clients)):
        market.transfer(client, name, k + 1, part * market.supply(k))


def scores_of(shares: Sequence[float] | Floats) -> list[int]:
    """Return the scores that pay `shares` (clients,), which sum to one."""
    return [floor(share * SCORE_SUM) for share in np.asarray(shares).tolist()]


def settle_by_shares(market: DrivenMarket, shares: Floats) -> None:
    """Pay the open round by `shares` (clients,), which sum to one."""
    market.pay_round(scores_of(shares))


def theory(market: Market, expected: Floats, coming: Floats | None = None) -> Floats:
    """Return what every token is worth (clients,) if `expected` shares are paid from now on.

    Of the escrow; and of the open round's pot, by `coming` shares (default `expected`), where whoever holds
    at its payment will get it.
    """
    supplies = np.array([market.supply(k) for k in range(market.clients)])
    worth = fair_prices(expected, market.escrow(), supplies)
    pending = market.pending()
    if pending > 0:
        worth = worth + fair_prices(expected if coming is None else coming, pending, supplies)
    return worth


def wealth(market: DrivenMarket, name: str, prices: Floats) -> float:
    """Return what somebody has: numeraire, what it may claim, and tokens at `prices` (clients,)."""
    tokens = [market.balance_of(name, k + 1) for k in range(market.clients)]
    held = float(np.dot(tokens, np.nan_to_num(prices)))
    return market.balance_of(name, NUMERAIRE) + market.claimable(name) + held


def own_numbers(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one agent of a run, by its name: whoever else there is changes none."""
    return np.random.default_rng([seed, *name.encode()])


@dataclass
class Role:
    """An agent in an experiment, with random numbers of its own: whoever else trades changes none.

    It acts while at least `start` and fewer than `end` rounds have been opened.  `place` draws where in a
    session it acts, from numbers that its steps do not use.
    """

    agent: Agent
    own: np.random.Generator
    start: int = 0
    end: float = inf
    name: str = field(init=False)
    _places: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.name = self.agent.name
        (self._places,) = self.own.spawn(1)

    def place(self) -> float:
        """Draw the place in one session's order, in [0, 1): the lowest acts first."""
        return float(self._places.random())

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Act, if it is time."""
        if self.start <= market.opened() < self.end:
            self.agent.step(market, self.own)


@dataclass
class Life:
    """One federation's rounds, with everybody trading `sessions` times: (before, after) each record date.

    `per_token` (clients,) is what one token of each client has been paid so far, `pots` what every round
    paid.  Agents act in random order in each session: `Role`s by places that each draws for itself, so that
    one agent more or less leaves the others' order as it is; others by a permutation from `rng`.  `settle`
    pays the open round by a row of shares: with fraud or challenges, where that is the question.
    """

    market: DrivenMarket
    agents: Sequence[Agent]
    rng: np.random.Generator
    sessions: tuple[int, int] = (3, 1)
    settle: Callable[[DrivenMarket, Floats], None] = settle_by_shares
    per_token: Floats = field(init=False)
    pots: list[float] = field(default_factory=list, init=False)
    _opening: Floats = field(init=False)
    _part: float = field(init=False)

    def __post_init__(self) -> None:
        market = self.market
        self.per_token = np.zeros(market.clients)
        self._opening = market.reserves()
        self._part = market.lp_shares(PROVIDER) / market.lp_supply()
        self._before = market.balance_of(PROVIDER, NUMERAIRE)

    def play(self, shares: Floats) -> Iterator[Moment]:
        """Play the rounds of `shares` (rounds, clients); yields after each of the three phases of a round.

        Raises ValueError for shares of another shape.
        """
        market = self.market
        if np.ndim(shares) != 2 or np.shape(shares)[1] != market.clients:
            raise ValueError(
                f"shares have to be (rounds, clients) for {market.clients} clients, got {np.shape(shares)}"
            )
        return self._rounds(shares)

    def _rounds(self, shares: Floats) -> Iterator[Moment]:
        market = self.market
        for row in shares:
            number = market.opened() + 1
            self._trade(self.sessions[0])
            yield Moment(number, "trading")
            market.open_round()
            pot = market.pot()
            self._trade(self.sessions[1])
            yield Moment(number, "opened")
            self.settle(market, row)
            self.pots.append(pot)
            paid = pot * market.reward_shares()[-1]
            self.per_token += paid / [market.supply(k) for k in range(market.clients)]
            yield Moment(number, "paid")

    def liquidity_result(self) -> float:
        """Let the provider leave at maturity; returns what it has over what holding would have left it.

        Holding: its part of what the pool opened with, the tokens' rewards collected.
        """
        market = self.market
        if market.lp_shares(PROVIDER) > 0:
            market.remove_liquidity(PROVIDER, market.lp_shares(PROVIDER))
        has = market.balance_of(PROVIDER, NUMERAIRE) - self._before + market.claimable(PROVIDER)
        held = self._opening[NUMERAIRE] + float(self._opening[1:] @ self.per_token)
        return float(has / (self._part * held))

    def session(self) -> None:
        """Let every agent act once, in random order; no time passes."""
        roles = [agent for agent in self.agents if isinstance(agent, Role)]
        if len(roles) < len(self.agents):
            trade(self.market, self.agents, self.rng)
            return
        for role in sorted(roles, key=Role.place):
            role.step(self.market, self.rng)

    def _trade(self, sessions: int) -> None:
        for _ in range(sessions):
            if self.market.remaining() > 0:
                self.session()
            self.market.advance_time(SESSION)


# --- inside ---


def _clients(stage: Stage) -> list[Client]:
    names = client_names(stage.clients)
    if stage.supplies is None:
        return [Client(name) for name in names]
    return [Client(name, supply) for name, supply in zip(names, stage.supplies, strict=True)]


def _on_chain(
    stage: Stage,
    clients: Sequence[Client],
    deposits: Mapping[str, float],
    cash: Mapping[str, float],
    seed: int,
) -> DrivenMarket:
    from wallstreetfeds.chain import Session
    from wallstreetfeds.sim.chain_opening import open_on_chain

    on_chain = [name for name, curve in CURVES.items() if curve.on_chain]
    if stage.curve not in on_chain:
        there = ", ".join(on_chain)
        raise ValueError(f"no contract has the curve {stage.curve!r}; those on a chain are {there}")
    terms = replace(stage.terms, clock=stage.curve == "clock")
    return open_on_chain(Session.embedded(seed), terms, clients, deposits, cash)
