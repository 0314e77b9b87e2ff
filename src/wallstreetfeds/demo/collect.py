"""From a run that is over to its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wallstreetfeds.chain import Conservation, Scenario, Session, read_events
from wallstreetfeds.demo.cast import NUMERAIRE_DECIMALS, NUMERAIRE_UNIT, Cast
from wallstreetfeds.demo.findings import liquidity, receivers, versions
from wallstreetfeds.demo.opening import Platform
from wallstreetfeds.demo.result import (
    ClientResult,
    ContractName,
    DemoResult,
    Dispute,
    Excluded,
    Facts,
    RoundResult,
)
from wallstreetfeds.federation import RoundReport
from wallstreetfeds.federation.tasks import Task
from wallstreetfeds.records import Record
from wallstreetfeds.sim.chain_market import ChainMarket
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.recorder import Snapshot


@dataclass(frozen=True)
class Played:
    """A run that is over, or has come as far as it should: fewer reports than `rounds`.

    `snapshots`: at the opening, after the first trades, after every round.  `metrics`: before training and
    after every round.  `first_block` is older than everything the run has logged.
    """

    session: Session
    platform: Platform
    scenario: Scenario
    market: ChainMarket
    cast: Cast
    task: Task
    qualities: Sequence[str]
    seed: int
    rounds: int
    first_block: int
    reports: Sequence[RoundReport]
    snapshots: Sequence[Snapshot]
    metrics: Sequence[float]
    conservation: Conservation
    disputes: Sequence[Dispute]
    seconds: float


def collect(played: Played) -> DemoResult:
    """Read what is still missing from the chain and return the figures."""
    session, scenario, market = played.session, played.scenario, played.market
    contracts = _contracts(played)
    records = read_events(session, contracts, played.first_block)
    quantum = scenario.quantum()
    paid = range(1, len(played.reports) + 1)
    rewards = [[unit * quantum for unit in row] for row in scenario.rewards(paid)]
    stats = session.stats
    return DemoResult(
        seed=played.seed,
        rounds=played.rounds,
        scenario=scenario.address,
        numeraire_decimals=NUMERAIRE_DECIMALS,
        clients=_clients(played, rewards, records),
        series=tuple(
            _round(report, rewards[report.round - 1], played.metrics[report.round], snapshot)
            for report, snapshot in zip(played.reports, played.snapshots[2:], strict=True)
        ),
        liquidity=liquidity(
            played.snapshots,
            [[reward / NUMERAIRE_UNIT for reward in row] for row in rewards],
            market.supply(0),
        ),
        metric=played.task.metric,
        metric_first=played.metrics[0],
        metric_last=played.metrics[-1],
        conservation=played.conservation,
        disputes=tuple(played.disputes),
        transactions=stats.transactions,
        gas=stats.gas,
        chain_seconds=stats.seconds,
        learning_seconds=sum(report.training_seconds for report in played.reports),
        assessment_seconds=sum(report.assessment_seconds for report in played.reports),
        facts=Facts(
            task=played.task.name,
            seconds=played.seconds,
            chain_id=session.chain_id,
            node=str(session.node.request("web3_clientVersion")),
            orchestrator=played.platform.orchestrator.address,
            numeraire=played.platform.numeraire.address,
            evaluations=sum(report.evaluations for report in played.reports),
            versions=versions(),
        ),
        contracts=contracts,
        records=tuple(records),
    )


def _clients(
    played: Played, rewards: Sequence[Sequence[int]], records: Sequence[Record]
) -> tuple[ClientResult, ...]:
    market, cast = played.market, played.cast
    opening, first = played.snapshots[:2]
    # After the trades before the last round opens.
    last = played.snapshots[min(played.rounds, len(played.snapshots) - 1)]
    shared = receivers(played.scenario, records)
    total = sum(map(sum, rewards))
    clients = []
    for k, name in enumerate(cast.clients):
        address = cast.accounts[name].address
        kept, others, pool = shared[k]
        clients.append(
            ClientResult(
                name=name,
                address=address,
                token=market.tokens[k].address,
                quality=played.qualities[k],
                score_share=sum(row[k] for row in rewards) / total,
                reward=kept + others + pool,
                reward_client=kept,
                reward_investors=others,
                reward_providers=pool,
                raised=sum(
                    swap.amount_out
                    for swap in market.swaps
                    if swap.trader == address and swap.asset_out == NUMERAIRE
                ),
                price_open=float(opening.prices[k]),
                price_first=float(first.prices[k]),
                price_last=float(last.prices[k]),
                fair_last=float(last.fair[k]),
            )
        )
    return tuple(clients)


def _round(report: RoundReport, rewards: list[int], metric: float, snapshot: Snapshot) -> RoundResult:
    errors = report.standard_errors
    return RoundResult(
        round=report.round,
        pot=sum(rewards),
        scores=list(report.scores),
        score_shares=list(report.score_shares),
        contributions=list(report.contributions),
        standard_errors=None if errors is None else list(errors),
        rewards=rewards,
        excluded=[Excluded(exclusion.client, exclusion.reason) for exclusion in report.excluded],
        metric=metric,
        prices=[float(price) for price in snapshot.prices],
        fair=[float(price) for price in snapshot.fair],
    )


def _contracts(played: Played) -> dict[str, ContractName]:
    """Return every contract of the federation by address."""
    platform, market = played.platform, played.market
    return {
        platform.numeraire.address: ContractName("Numeraire", "numeraire"),
        platform.orchestrator.address: ContractName("Orchestrator", "orchestrator"),
        played.scenario.address: ContractName("Scenario", "scenario"),
        played.scenario.challenges(): ContractName("Challenges", "challenges"),
        market.pool.address: ContractName("Pool", "pool"),
        **{
            token.address: ContractName("ClientToken", name)
            for token, name in zip(market.tokens, played.cast.clients, strict=True)
        },
    }
