"""Do the bad clients earn least?  Every task and size that the documentation speaks of, over many seeds.

Only the learning runs, without a chain: scores do not depend on it.  `make acceptance` prints the table.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pytest

from wallstreetfeds.federation import quiet_flower, run_locally
from wallstreetfeds.federation.tasks import named_task

pytestmark = pytest.mark.acceptance
ROUNDS = 10


@dataclass(frozen=True)
class Opened:
    round: int
    block_hash: bytes


class Unpaid:
    """Opens rounds with blocks that the seed decides, and pays nobody."""

    def __init__(self, seed: int) -> None:
        self.seed, self.round = seed, 0

    def open_round(self) -> Opened:
        self.round += 1
        return Opened(self.round, hashlib.sha256(f"{self.seed} {self.round}".encode()).digest())

    def submit_scores(self, round, scores, evidence_root) -> None:
        assert round == self.round

    def finalize_round(self, round, scores) -> None:
        assert round == self.round


def shares(name: str, clients: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each client's mean score share and whether it is bad."""
    task = named_task(name)
    split = task.load(clients, seed)
    reports = []
    run_locally(task, split, rounds=ROUNDS, seed=seed, settlement=Unpaid(seed), on_round=reports.append)
    bad = np.array([quality != "good" for quality in split.qualities])
    return np.mean([report.score_shares for report in reports], axis=0), bad


def area_under_curve(share: np.ndarray, bad: np.ndarray) -> float:
    """Probability that a good client has a larger share than a bad one; ties count half."""
    difference = share[~bad][:, None] - share[bad][None, :]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


@pytest.mark.parametrize(
    ("task", "clients", "seeds", "least_lowest", "least_area"),
    [
        ("credit", 3, 10, 10, 1.0),
        ("credit", 10, 10, 10, 1.0),
        ("mnist", 10, 10, 10, 1.0),
        ("lending-club", 10, 10, 9, 0.95),
        ("credit", 30, 10, 0, 0.95),
        ("credit", 50, 10, 0, 0.95),
        ("mnist", 30, 3, 0, 0.95),
        ("mnist", 50, 3, 0, 0.95),
    ],
)
def test_bad_clients_earn_least(task, clients, seeds, least_lowest, least_area):
    quiet_flower()
    lowest, areas = 0, []
    for seed in range(seeds):
        share, bad = shares(task, clients, seed)
        lowest += bool(share[bad].max() < share[~bad].min())
        areas.append(area_under_curve(share, bad))
    print(
        f"\n{task:13} {clients:3} clients: bad ones lowest in {lowest} of {seeds} seeds, "
        f"area under the curve {min(areas):.3f} (least), {np.mean(areas):.3f} (mean)"
    )
    assert lowest >= least_lowest
    assert np.mean(areas) >= least_area
