"""One small run on the embedded chain for all tests of the report, and larger ones made up from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from wallstreetfeds.chain import Session
from wallstreetfeds.demo.result import DemoResult, Excluded
from wallstreetfeds.demo.run import run_demo
from wallstreetfeds.federation.tasks import named_task

CLIENTS, ROUNDS, SEED = 3, 3, 3


class Notes:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.opening = None
        self.rounds: list[int] = []

    def stage(self, text):
        self.stages.append(text)

    def market_open(self, opening, snapshot):
        self.opening = opening

    def round_done(self, report, snapshot):
        self.rounds.append(report.round)


@dataclass
class Run:
    session: Session
    result: DemoResult
    notes: Notes


@pytest.fixture(scope="session")
def run():
    session, notes = Session.embedded(SEED), Notes()
    task = named_task("credit")
    result = run_demo(session, task, clients=CLIENTS, rounds=ROUNDS, seed=SEED, observer=notes)
    return Run(session, result, notes)


def enlarged(result: DemoResult, clients: int, rounds: int) -> DemoResult:
    """Return the run with its clients and rounds repeated: for figures that have to fit, not to be true."""
    picks = [k % len(result.clients) for k in range(clients)]
    everybody = tuple(
        replace(result.clients[k], name=f"lender-{place + 1:02d}", score_share=1 / clients)
        for place, k in enumerate(picks)
    )
    series = []
    for number in range(1, rounds + 1):
        round_ = result.series[number % len(result.series)]
        lists = ("scores", "score_shares", "contributions", "rewards", "prices", "fair")
        series.append(
            replace(
                round_,
                round=number,
                **{name: [getattr(round_, name)[k] for k in picks] for name in lists},
                standard_errors=[0.001] * clients,
                excluded=[Excluded(clients - 1, "values that are <not> finite")] if number == 2 else [],
            )
        )
    liquidity = replace(
        result.liquidity, provided=[4e5 - 10 * r for r in range(rounds + 2)], held=[4e5] * (rounds + 2)
    )
    return replace(result, rounds=rounds, clients=everybody, series=tuple(series), liquidity=liquidity)


@pytest.fixture(scope="session")
def enlarge():
    return enlarged


@pytest.fixture(scope="session")
def many(run):
    return enlarged(run.result, 50, 8)
