"""Actors of the federation's tests: a settlement that writes down every call and insists on their order."""

import hashlib
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from wallstreetfeds.contribution.scores import DEFAULT_SCORE_CAP
from wallstreetfeds.contribution.utilities.models import normalised
from wallstreetfeds.federation import quiet_flower
from wallstreetfeds.federation.evidence import (
    Bundle,
    EvidenceFolder,
    Manifest,
    Posted,
    Recipe,
    Update,
    bundle,
    canonical_digest,
)
from wallstreetfeds.federation.settlement import round_seed
from wallstreetfeds.federation.signing import Statement, Venue, sign_statement
from wallstreetfeds.federation.tasks import CREDIT
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.federation.valuation import valuate

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


@dataclass
class ScoredRound:
    """A round of a small federation with its evidence in a folder, and what the chain would say about it."""

    folder: EvidenceFolder
    bundle: Bundle
    posted: Posted
    recipe: Recipe
    accounts: list[LocalAccount]

    @property
    def manifest(self) -> Manifest:
        return self.bundle.manifest

    def committed(self, **changes) -> "ScoredRound":
        """The same round with other parts of the manifest, consistently: as a lying federator would do."""
        manifest = replace(self.manifest, **changes)
        bundle = Bundle(manifest, self.bundle.objects)
        self.folder.write(bundle)
        return replace(self, bundle=bundle, posted=replace(self.posted, root=bundle.root))

    def with_arrays(self, part, name, arrays) -> "ScoredRound":
        """The same round with another file of arrays in a field of a part."""
        digest = canonical_digest(arrays).hex()
        changed = replace(getattr(self.manifest, part), **{name: digest})
        bundle = Bundle(self.manifest, {**self.bundle.objects, digest: arrays})
        return replace(self, bundle=bundle).committed(**{part: changed})


VENUE = Venue(31337, "0x" + "5c" * 20)
BLOCK = hashlib.sha256(b"opening block").digest()


def score_round(path, *, round=2, clients=3, silent=(), with_data=True, weights=None) -> ScoredRound:
    """`silent` clients did not answer; everything else is as `Rewarded` does it."""
    rng = np.random.default_rng([round, clients])
    validation = Partition(rng.normal(size=(20, 3)), rng.integers(0, 2, 20))
    recipe = Recipe(validation, "linear-log-loss")
    accounts = [Account.from_key(hashlib.sha256(b"client %d" % k).digest()) for k in range(clients)]
    model = {"coefficients": np.zeros(3), "bias": np.zeros(1)}
    updates = {}
    for k in range(clients):
        arrays = {name: array + rng.normal(scale=0.3, size=array.shape) for name, array in model.items()}
        if k not in silent:
            digest = canonical_digest(arrays)
            signature = sign_statement(Statement(VENUE, round, BLOCK, digest), accounts[k])
            updates[k] = Update(tuple(arrays.values()), digest, signature)
    seed = round_seed(BLOCK, round)
    arrays_of = {k: update.arrays for k, update in updates.items()}
    wallets = [account.address for account in accounts]
    weights = normalised(np.ones(clients) if weights is None else np.asarray(weights), clients)
    valuation = valuate(
        recipe, list(model.values()), arrays_of, weights, seed, supplies=None, score_cap=DEFAULT_SCORE_CAP
    )
    evidence = bundle(
        venue=VENUE,
        round=round,
        block_hash=BLOCK,
        seed=seed,
        recipe=recipe,
        score_cap=DEFAULT_SCORE_CAP,
        weights=weights,
        supplies=None,
        wallets=wallets,
        model=model,
        updates=updates,
        excluded=dict.fromkeys(silent, "no reply"),
        strangers=[(99, "unknown node")],
        valuation=valuation,
    )
    folder = EvidenceFolder(path, with_data=with_data)
    folder.write(evidence)
    posted = Posted(
        venue=VENUE,
        round=round,
        block_hash=BLOCK,
        root=evidence.root,
        partaking=clients,
        scores=valuation.scores,
        wallets=tuple(wallets),
        supplies=(10**24,) * clients,
        score_cap=Fraction(DEFAULT_SCORE_CAP),
    )
    return ScoredRound(folder, evidence, posted, recipe, accounts)


@pytest.fixture
def scored(tmp_path):
    """Three clients, all of them signed and accepted."""
    return score_round(tmp_path / "bundles")


@pytest.fixture
def new_scored(tmp_path):
    """For tests that need other rounds; in the same folder."""
    return lambda **options: score_round(tmp_path / "bundles", **options)
