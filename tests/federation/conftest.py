"""Actors of the federation's tests: a settlement that writes down every call and insists on their order."""

import hashlib
import warnings
from dataclasses import dataclass, field

import pytest

with warnings.catch_warnings():  # typer, which Flower imports, trips over a deprecation in click
    warnings.simplefilter("ignore", DeprecationWarning)
    from wallstreetfeds.federation import quiet_flower
    from wallstreetfeds.federation.tasks import CREDIT

quiet_flower()


@dataclass(frozen=True)
class Opened:
    round: int
    block_hash: bytes


@dataclass
class RecordingSettlement:
    """Opens, scores and pays rounds in memory; raises as soon as a call comes out of turn."""

    salt: bytes = b""
    opened: list[Opened] = field(default_factory=list)
    submitted: dict[int, tuple[int, ...]] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    paid: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def open_round(self) -> Opened:
        assert len(self.paid) == len(self.opened), "the previous round is not paid yet"
        number = len(self.opened) + 1
        self.opened.append(Opened(number, hashlib.sha256(self.salt + bytes([number])).digest()))
        return self.opened[-1]

    def submit_scores(self, round, scores, evidence_root):
        assert round == len(self.opened), "not the open round"
        assert round not in self.submitted, "submitted twice"
        assert len(evidence_root) == 32
        assert all(type(score) is int and score >= 0 for score in scores)
        assert sum(scores) <= 10**9
        self.submitted[round] = tuple(scores)
        self.roots[round] = evidence_root

    def finalize_round(self, round, scores):
        assert self.submitted[round] == tuple(scores), "paid other scores than were submitted"
        assert round not in self.paid, "paid twice"
        self.paid[round] = tuple(scores)


@pytest.fixture
def settlement():
    return RecordingSettlement()


@pytest.fixture
def new_settlement():
    """For tests that compare runs: each call makes a settlement of its own."""
    return RecordingSettlement


@pytest.fixture(scope="session")
def lenders():
    """Ten lenders of the credit task."""
    return CREDIT.load(10, 0)
