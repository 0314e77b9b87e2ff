"""The demo itself: open a federation, learn, pay, trade, claim, and audit every unit of money."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from wallstreetfeds.chain import ChainSettlement, Session, audit
from wallstreetfeds.demo.cast import FORGETFUL, NUMERAIRE_DECIMALS, assemble
from wallstreetfeds.demo.opening import open_federation
from wallstreetfeds.demo.result import ClientResult, DemoResult, RoundResult
from wallstreetfeds.federation import RoundReport, quiet_flower, run_locally
from wallstreetfeds.federation.tasks import Task
from wallstreetfeds.sim.chain_market import NO_DEADLINE, ChainMarket
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.recorder import Recorder, Snapshot
from wallstreetfeds.sim.simulation import trade


class Observer(Protocol):
    """Is told how far a run is; draws it, or doesn't."""

    def stage(self, text: str) -> None:
        """A new stage begins."""

    def round_done(self, report: RoundReport, snapshot: Snapshot) -> None:
        """A round is paid and its trades are done."""


def run_demo(
    session: Session, task: Task, *, clients: int, rounds: int, seed: int, observer: Observer
) -> DemoResult:
    """Run a whole tokenised federation and return its figures.

    The same arguments on a fresh embedded chain give the same scores, prices and rewards.  Raises ChainError
    where the chain fails and ValueError where the arguments are out of their domain.
    """
    quiet_flower()
    observer.stage("Splitting the data")
    split = task.load(clients, seed)
    observer.stage("Opening the federation on chain")
    cast = assemble(session, clients)
    scenario = open_federation(session, cast, rounds)
    market = ChainMarket(scenario, cast.accounts)
    recorder = Recorder()
    rng = np.random.default_rng([seed, 1])
    opening = recorder.record(market)
    observer.stage("First trades")
    trade(market, cast.agents, rng)
    before_last = recorder.record(market)

    reports: list[RoundReport] = []
    snapshots: list[Snapshot] = []

    def settle(report: RoundReport) -> None:
        nonlocal before_last
        reports.append(report)
        if report.round < rounds:
            trade(market, cast.agents, rng)
        for name in cast.clients:
            market.claim(name)
        snapshot = recorder.record(market)
        snapshots.append(snapshot)
        if report.round < rounds:
            before_last = snapshot
        observer.round_done(report, snapshot)

    observer.stage("Learning")
    settlement = ChainSettlement(scenario, cast.accounts["federator"])
    learned = run_locally(task, split, rounds=rounds, seed=seed, settlement=settlement, on_round=settle)

    observer.stage("Last claims; the liquidity providers leave")
    for name in cast.holders:
        if name != FORGETFUL:
            market.claim(name)
    for name in ("federator", "lp"):
        account = cast.accounts[name]
        shares = market.pool.balanceOf(account.address)
        nothing = [0] * (clients + 1)
        market.pool.remove_liquidity(shares, nothing, account.address, NO_DEADLINE, sender=account)
    observer.stage("Auditing every unit of money")
    conservation = audit(session, scenario)

    earned = [scenario.history(k, rounds) for k in range(clients)]
    quantum = scenario.quantum()
    pots = [sum(scenario.round_rewards(r)) * quantum for r in range(1, rounds + 1)]
    metrics = [float(learned.evaluate_metrics_serverapp[r][task.metric]) for r in range(rounds + 1)]  # type: ignore[arg-type]
    raised = {
        name: sum(
            swap.amount_out
            for swap in market.swaps
            if swap.trader == cast.accounts[name].address and swap.asset_out == NUMERAIRE
        )
        for name in cast.clients
    }
    return DemoResult(
        seed=seed,
        rounds=rounds,
        scenario=scenario.address,
        numeraire_decimals=NUMERAIRE_DECIMALS,
        clients=tuple(
            ClientResult(
                name=name,
                address=cast.accounts[name].address,
                token=market.tokens[k].address,
                quality=split.qualities[k],
                score_share=earned[k] / sum(earned),
                reward=earned[k] * quantum,
                raised=raised[name],
                price_open=float(opening.prices[k]),
                price_last=float(before_last.prices[k]),
                fair_last=float(before_last.fair[k]),
            )
            for k, name in enumerate(cast.clients)
        ),
        series=tuple(
            RoundResult(
                round=report.round,
                pot=pots[report.round - 1],
                scores=list(report.scores),
                metric=metrics[report.round],
                prices=[float(price) for price in snapshot.prices],
                fair=[float(price) for price in snapshot.fair],
            )
            for report, snapshot in zip(reports, snapshots, strict=True)
        ),
        metric=task.metric,
        metric_first=metrics[0],
        metric_last=metrics[-1],
        conservation=conservation,
        transactions=session.stats.transactions,
        gas=session.stats.gas,
        chain_seconds=session.stats.seconds,
        learning_seconds=sum(report.training_seconds for report in reports),
        assessment_seconds=sum(report.assessment_seconds for report in reports),
    )
