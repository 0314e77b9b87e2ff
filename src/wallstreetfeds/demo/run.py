"""The demo itself: open a federation, learn, pay, trade, claim, and audit every unit of money."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from wallstreetfeds.chain import ChainSettlement, Scenario, Session, audit
from wallstreetfeds.demo.cast import FORGETFUL, OPENING_LIQUIDITY, Cast, assemble
from wallstreetfeds.demo.collect import Played, collect
from wallstreetfeds.demo.dispute import ARBITER, QUARRELLER, DisputedSettlement, savings
from wallstreetfeds.demo.opening import Platform, deploy, open_federation
from wallstreetfeds.demo.result import DemoResult
from wallstreetfeds.federation import EvidenceFolder, RoundReport, Venue, quiet_flower, run_locally
from wallstreetfeds.federation.tasks import Task
from wallstreetfeds.sim.chain_market import NO_DEADLINE, ChainMarket
from wallstreetfeds.sim.recorder import Recorder, Snapshot
from wallstreetfeds.sim.simulation import trade


@dataclass(frozen=True)
class Opening:
    """What is known once the market is open; names and qualities in join order, `budget` whole numeraire."""

    task: str
    metric: str
    seed: int
    scenario: str
    chain_id: int
    budget: float
    names: tuple[str, ...]
    qualities: tuple[str, ...]


class Observer(Protocol):
    """Is told how far a run is; draws it, or doesn't."""

    def stage(self, text: str) -> None:
        """A new stage begins."""

    def market_open(self, opening: Opening, snapshot: Snapshot) -> None:
        """The federation exists, its market is open and the first trades are done."""

    def round_done(self, report: RoundReport, snapshot: Snapshot) -> None:
        """A round is paid and its trades are done."""


def run_demo(
    session: Session,
    task: Task,
    *,
    clients: int,
    rounds: int,
    seed: int,
    observer: Observer,
    unplayed: int = 0,
    challenge: bool = False,
    bundles: Path | None = None,
) -> DemoResult:
    """Run a whole tokenised federation and return its figures.

    The last `unplayed` of its rounds are left to come: the market stays open, liquidity stays in it, and
    nobody but the clients has claimed.  With `challenge` scores can be challenged, and twice they are: see
    `demo.dispute`.  Every update is signed; the evidence of every round goes into the folder `bundles`.

    The same arguments on a fresh embedded chain give the same scores, prices and rewards.  Raises ChainError
    where the chain fails and ValueError where the arguments are out of their domain.
    """
    started = time.perf_counter()
    quiet_flower()
    observer.stage("Splitting the data")
    split = task.load(clients, seed)
    observer.stage("Opening the federation on chain")
    cast = assemble(session, clients)
    first_block = session.block_number()
    platform = deploy(session, cast)
    scenario = _open(session, cast, rounds, platform, challenge=challenge)
    market = ChainMarket(scenario, cast.accounts)
    recorder = Recorder()
    rng = np.random.default_rng([seed, 1])
    recorder.record(market)
    observer.stage("First trades")
    trade(market, cast.agents, rng)
    observer.market_open(
        Opening(
            task=task.name,
            metric=task.metric,
            seed=seed,
            scenario=scenario.address,
            chain_id=session.chain_id,
            budget=market.remaining(),
            names=cast.clients,
            qualities=split.qualities,
        ),
        recorder.record(market),
    )
    reports: list[RoundReport] = []

    def settle(report: RoundReport) -> None:
        reports.append(report)
        if report.round < rounds:
            trade(market, cast.agents, rng)
        for name in cast.clients:
            market.claim(name)
        observer.round_done(report, recorder.record(market))

    observer.stage("Learning")
    played = rounds - unplayed
    disputed = DisputedSettlement(session, scenario, cast, played) if challenge else None
    settlement = disputed or ChainSettlement(scenario, cast.accounts["federator"])
    learned = run_locally(
        task,
        split,
        rounds=played,
        seed=seed,
        settlement=settlement,
        on_round=settle,
        venue=Venue(session.chain_id, scenario.address),
        signers=[cast.accounts[name] for name in cast.clients],
        evidence=None if bundles is None else EvidenceFolder(bundles),
    )

    if not unplayed:
        observer.stage("Last claims; the liquidity providers leave")
        _leave(market, cast)
    observer.stage("Auditing every unit of money")
    conservation = audit(session, scenario, first=first_block)
    observer.stage("Collecting the figures")
    return collect(
        Played(
            session=session,
            platform=platform,
            scenario=scenario,
            market=market,
            cast=cast,
            task=task,
            qualities=split.qualities,
            seed=seed,
            rounds=rounds,
            first_block=first_block,
            reports=reports,
            snapshots=recorder.snapshots,
            metrics=[
                float(learned.evaluate_metrics_serverapp[r][task.metric])  # type: ignore[arg-type]
                for r in range(played + 1)
            ],
            conservation=conservation,
            disputes=() if disputed is None else disputed.disputes,
            seconds=time.perf_counter() - started,
        )
    )


def _open(session: Session, cast: Cast, rounds: int, platform: Platform, *, challenge: bool) -> Scenario:
    """Open the federation, where it is wanted with an arbiter and money for challengers' bonds."""
    if not challenge:
        return open_federation(session, cast, rounds, platform=platform)
    arbiter = session.account(ARBITER)
    scenario = open_federation(session, cast, rounds, platform=platform, arbiter=arbiter.address)
    federator, amount = cast.accounts["federator"], savings(scenario)
    for name in (*cast.clients, QUARRELLER):
        platform.numeraire.mint(cast.accounts[name].address, amount, sender=federator)
    return scenario


def _leave(market: ChainMarket, cast: Cast) -> None:
    """Everybody claims but one who forgets, and the liquidity providers take their part of the pool."""
    for name in cast.holders:
        if name != FORGETFUL:
            market.claim(name)
    for name in OPENING_LIQUIDITY:
        account = cast.accounts[name]
        shares = market.pool.balanceOf(account.address)
        nothing = [0] * (market.clients + 1)
        market.pool.remove_liquidity(shares, nothing, account.address, NO_DEADLINE, sender=account)
