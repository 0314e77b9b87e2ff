"""A round's evidence put together, and the folder that keeps it.

    rounds/000003-<root>.json     the manifest of round 3
    objects/<sha256>              arrays, as safetensors files: models, updates, results, the validation set

Every file is named by its content and none is ever written over: a second attempt at a round, after a crash,
has a root of its own.  What two rounds share is there once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.models import normalised
from wallstreetfeds.durable import sync_folder, write_file
from wallstreetfeds.federation.evidence.canonical import NamedArrays, canonical_bytes, canonical_digest
from wallstreetfeds.federation.evidence.manifest import (
    LONGEST_REASON,
    ArraysPart,
    ClientPart,
    Manifest,
    MethodPart,
    RoundPart,
    ScoresPart,
)
from wallstreetfeds.federation.evidence.recipe import Recipe
from wallstreetfeds.federation.signing import Venue
from wallstreetfeds.federation.valuation import Model, Valuation, cap_in_wad

CHUNK: Final = 1 << 20
"""Bytes of a file that are hashed at once."""


class EvidenceError(Exception):
    """Evidence cannot be written, or is not there to be read."""


@dataclass(frozen=True)
class Update:
    """An accepted update: its arrays in the order of the model, their sha-256 (32 bytes), the signature."""

    arrays: Model
    digest: bytes
    signature: bytes | None = None


@dataclass(frozen=True)
class Bundle:
    """A manifest and the arrays it names by sha-256 (hexadecimal)."""

    manifest: Manifest
    objects: Mapping[str, NamedArrays]

    @property
    def root(self) -> bytes:
        """The root (32 bytes) that goes on chain."""
        return self.manifest.root


def bundle(
    *,
    venue: Venue | None,
    round: int,
    block_hash: bytes,
    seed: int,
    recipe: Recipe | None,
    score_cap: Fraction | float,
    weights: NDArray[np.float64],
    supplies: Sequence[int] | None,
    wallets: Sequence[str] | None,
    model: NamedArrays,
    updates: Mapping[int, Update],
    excluded: Mapping[int, str],
    strangers: Sequence[tuple[int, str]],
    valuation: Valuation,
) -> Bundle:
    """Return the evidence of a round.

    `weights` (n,), `supplies` and `wallets` are all clients', in join order; `updates` are the accepted ones
    and `excluded` the reasons by client, `strangers` nodes that nobody knows and reasons.  Without a `recipe`
    nobody but the author of the assessment can repeat it, and no validation set is named.
    """
    n = len(weights)
    results = results_of(valuation, weights, recipe, model, updates)
    model_digest, results_digest = canonical_digest(model).hex(), canonical_digest(results).hex()
    objects: dict[str, NamedArrays] = {model_digest: model, results_digest: results}
    parts = RoundPart(
        chain_id=None if venue is None else venue.chain_id,
        scenario=None if venue is None else venue.scenario,
        round=round,
        block_hash=block_hash.hex(),
        seed=str(seed),
    )
    for update in updates.values():
        objects[update.digest.hex()] = dict(zip(model, update.arrays, strict=True))
    if recipe is not None:
        objects[recipe.data_digest.hex()] = recipe.data
    manifest = Manifest(
        round=parts,
        method=_method(recipe, score_cap),
        arrays=ArraysPart(model_digest, results_digest),
        scores=ScoresPart(
            valuation.scores, tuple((str(node), reason[:LONGEST_REASON]) for node, reason in strangers)
        ),
        clients=tuple(
            _client(
                None if wallets is None else wallets[k],
                1 if supplies is None else supplies[k],
                updates.get(k),
                excluded.get(k),
            )
            for k in range(n)
        ),
    )
    return Bundle(manifest, objects)


def results_of(
    valuation: Valuation,
    weights: NDArray[np.float64],
    recipe: Recipe | None,
    model: NamedArrays,
    updates: Mapping[int, Update],
) -> dict[str, NDArray[Any]]:
    """Return the floats of a round: weights, contributions and errors (n,), both ends, all coalitions.

    `utilities` (2,) are those of nobody and of all accepted updates.  `table` is there with a recipe and few
    enough updates, see `Recipe.table`.
    """
    worth = valuation.worth
    results = {
        "weights": weights,
        "contributions": valuation.contributions,
        "utilities": np.array([worth.empty_utility, worth.grand_utility]),
        "evaluations": np.array(worth.evaluations, dtype=np.int64),
    }
    if valuation.standard_errors is not None:
        results["standard_errors"] = valuation.standard_errors
    if recipe is not None and updates:
        members = sorted(updates)
        share = normalised(weights[members], len(members))
        table = recipe.table(list(model.values()), [updates[k].arrays for k in members], share)
        if table is not None:
            results["table"] = table
    return results


class EvidenceFolder:
    """A folder of bundles.

    `with_data` says whether validation sets are kept too; without, whoever checks a round has to be given
    the set by other means.
    """

    def __init__(self, path: Path, *, with_data: bool = True) -> None:
        self.path: Final = path
        self.with_data: Final = with_data

    def manifest(self, round: int, root: bytes) -> Path:
        """Return where the manifest of a round with that root is."""
        return self.path / "rounds" / f"{round:06d}-{root.hex()}.json"

    def object(self, digest: str) -> Path:
        """Return where the arrays with that sha-256 are; it is 64 hexadecimal digits."""
        return self.path / "objects" / digest

    def rounds(self, round: int) -> list[Path]:
        """Return all manifests of a round: one, or more where it was tried again."""
        return sorted((self.path / "rounds").glob(f"{round:06d}-*.json"))

    def write(self, evidence: Bundle) -> Path:
        """Keep a round's evidence, and return where its manifest is, which is written last.

        Every file is written beside its place, synced and renamed.  One that is there already and whole
        stays as it is.  Raises EvidenceError if it cannot be written: then no manifest names what was.
        """
        left_out = None if self.with_data else evidence.manifest.method.data
        place = self.manifest(evidence.manifest.round.round, evidence.root)
        try:
            for folder in (place.parent, self.path / "objects"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for digest, arrays in evidence.objects.items():
                path = self.object(digest)
                if digest != left_out and not _whole(path, digest):
                    write_file(path, canonical_bytes(arrays))
            sync_folder(self.path / "objects")
            write_file(place, evidence.manifest.encode())
            sync_folder(place.parent)
        except OSError as error:
            raise EvidenceError(
                f"the evidence of round {evidence.manifest.round.round} cannot be written to {self.path}: "
                f"{error.strerror or error}; its scores are not submitted"
            ) from error
        return place


def file_digest(path: Path) -> str:
    """Return the sha-256 of a file, in hexadecimal; OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _method(recipe: Recipe | None, score_cap: Fraction | float) -> MethodPart:
    cap = str(cap_in_wad(score_cap))
    if recipe is None:
        return MethodPart(None, None, None, None, cap, None)
    return MethodPart(
        engine=recipe.engine,
        method=recipe.method,
        exact_up_to=recipe.parameters["exact_up_to"],
        evaluations=recipe.parameters["evaluations"],
        score_cap=cap,
        data=recipe.data_digest.hex(),
    )


def _client(wallet: str | None, supply: int, update: Update | None, excluded: str | None) -> ClientPart:
    return ClientPart(
        wallet=wallet,
        supply=str(supply),
        update=None if update is None else update.digest.hex(),
        signature=None if update is None or update.signature is None else update.signature.hex(),
        excluded=None if excluded is None else excluded[:LONGEST_REASON],
    )


def _whole(path: Path, digest: str) -> bool:
    try:
        return file_digest(path) == digest
    except FileNotFoundError:
        return False
