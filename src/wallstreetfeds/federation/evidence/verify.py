"""Checking a round: are the scores on chain those of its evidence, computed again?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.federation.evidence.bundle import EvidenceFolder, Update, results_of
from wallstreetfeds.federation.evidence.manifest import Manifest, client_leaf
from wallstreetfeds.federation.evidence.reading import Arrays, Fault, Reader, read_manifest
from wallstreetfeds.federation.evidence.recipe import DEFAULTS, Recipe, finite, validation_set
from wallstreetfeds.federation.settlement import round_seed
from wallstreetfeds.federation.signing import SignatureDefect, Statement, Venue, check_signature
from wallstreetfeds.federation.valuation import Assess, Valuation, valuate
from wallstreetfeds.units import WAD


@dataclass(frozen=True)
class Posted:
    """What the chain says about a round.

    `scores`, `wallets` and `supplies` in join order, of everybody who is a client now; `root` is the
    evidence's (32 bytes), `block_hash` (32 bytes) that of the block the round opened in.  The first
    `partaking` clients take part in the round: whoever had joined when it was opened.
    """

    venue: Venue
    round: int
    block_hash: bytes
    root: bytes
    partaking: int
    scores: tuple[int, ...]
    wallets: tuple[str, ...]
    supplies: tuple[int, ...]
    score_cap: Fraction


@dataclass(frozen=True)
class Difference:
    """A client whose score on chain is not the one that the round's evidence gives it."""

    client: int
    posted: int
    recomputed: int


@dataclass(frozen=True)
class Verdict:
    """What checking a round has brought.

    - `faults`: what is wrong with the evidence, each with the file or the part it is in.
    - `recomputed`: all scores, None where faults forbid to compute them; `differences`: whose score differs.
    - `updates`: how many were accepted; `signatures`: how many of them their wallets have signed.
    - `unsigned`: whether the evidence names no wallet: its updates are the federator's word alone.
    - `engine`, `method`: what the scores were computed with, None for an assessment that was given.
    - `evaluations`: coalitions evaluated; `exact`: whether the contributions are no estimates.
    - `model`, `data`: sha-256 (hexadecimal) of the model before the round and of the validation set, which
      has `rows`; `weights`: the clients' aggregation weights, summing to one.  With the method, these are the
      federator's choice: the evidence shows which one was made, not that it was the agreed one.
    """

    posted: Posted
    manifest: Path
    faults: tuple[Fault, ...]
    recomputed: tuple[int, ...] | None = None
    differences: tuple[Difference, ...] = ()
    updates: int = 0
    signatures: int = 0
    unsigned: bool = False
    engine: str | None = None
    method: str | None = None
    evaluations: int = 0
    exact: bool = False
    model: str | None = None
    data: str | None = None
    rows: int = 0
    weights: tuple[float, ...] | None = None

    @property
    def equal(self) -> bool:
        """Whether everything could be checked, nothing is wrong and nothing differs."""
        return self.recomputed is not None and not self.faults and not self.differences


@dataclass(frozen=True)
class _Contents:
    """The files of a bundle, read."""

    model: Arrays
    results: Arrays
    validation: Arrays
    updates: dict[int, Update]


def verify_round(
    posted: Posted,
    folder: EvidenceFolder,
    *,
    data: Path | None = None,
    assess: Assess | None = None,
    unsigned: bool = False,
) -> Verdict:
    """Check the evidence of a round against the chain, and compute its scores again.

    `data` is the file of the validation set where the bundle has none.  `assess` repeats the assessment
    where the bundle names no engine that is known here; that it gives the same bits is its author's promise,
    and a table of all coalitions is not checked then.
    Updates that no wallet has signed are a fault: whoever wrote the evidence could have made them up.  With
    `unsigned` the federator's word is taken for them, in a bundle that has no wallets and no signatures.
    Scores are only computed from evidence without a fault.  Raises EvidenceError if there is no evidence
    under the root that is on chain.
    """
    manifest, faults = read_manifest(folder, posted.round, posted.root)
    where = folder.manifest(posted.round, posted.root)
    if manifest is None:
        return Verdict(posted, where, tuple(faults))
    faults += _chain_faults(manifest, posted)
    contents, found = _read(manifest, Reader(folder, data))
    faults += found
    unproven = not any(client.wallet or client.signature for client in manifest.clients)
    signatures = 0
    if not unproven:
        signatures, found = _signatures(manifest, contents)
        faults += found
    elif contents.updates and not unsigned:
        faults.append(
            Fault("clients", "no update is signed by its wallet: all are the federator's word alone")
        )
    valuation = None
    if not faults:
        valuation, found = _recomputed(manifest, contents, assess)
        faults += found
    return Verdict(
        posted,
        where,
        tuple(faults),
        recomputed=None if valuation is None else valuation.scores,
        differences=() if valuation is None else _differences(posted.scores, valuation.scores),
        updates=len(contents.updates),
        signatures=signatures,
        unsigned=unproven and bool(contents.updates),
        engine=manifest.method.engine if assess is None else None,
        method=manifest.method.method if assess is None else None,
        evaluations=0 if valuation is None else valuation.worth.evaluations,
        exact=valuation is not None and valuation.worth.exact,
        model=manifest.arrays.model,
        data=manifest.method.data,
        rows=0 if valuation is None else len(contents.validation.get("labels", ())),
        weights=None if valuation is None else _shares(contents.results["weights"]),
    )


def _chain_faults(manifest: Manifest, posted: Posted) -> Iterator[Fault]:
    """What the evidence says about the round must be what the chain says."""
    part, n = manifest.round, len(manifest.clients)
    pairs: list[tuple[str, object, object]] = [
        ("chain id", part.chain_id, posted.venue.chain_id),
        ("Scenario", str(part.scenario).lower(), posted.venue.scenario.lower()),
        ("number", part.round, posted.round),
        ("opening block", part.block_hash, posted.block_hash.hex()),
        ("seed", part.seed, str(round_seed(posted.block_hash, posted.round))),
    ]
    for what, said, known in pairs:
        if said != known:
            yield Fault("round", f"its {what} is {said}, on chain it is {known}")
    # As the contracts hold it: four thirds have eighteen decimals there.
    if floor(Fraction(manifest.method.score_cap) * WAD) != floor(posted.score_cap * WAD):
        yield Fault("method", f"the score cap is {manifest.method.score_cap}, on chain {posted.score_cap}")
    if n != posted.partaking:
        yield Fault("round", f"it has {n} clients; on chain {posted.partaking} take part in this round")
        return
    if any(posted.scores[n:]):
        yield Fault("scores", f"clients beyond the {n} of the evidence have scores on chain")
    first = int(manifest.clients[0].supply)
    for k, client in enumerate(manifest.clients):
        if client.wallet is not None and client.wallet.lower() != posted.wallets[k].lower():
            yield Fault(client_leaf(k), f"its wallet is {client.wallet}, on chain {posted.wallets[k]}")
        # The cap goes by proportions: equal supplies may be written as ones.
        if int(client.supply) * posted.supplies[0] != first * posted.supplies[k]:
            yield Fault(client_leaf(k), f"its part of all supplies is not that of {posted.supplies[k]}")


def _read(manifest: Manifest, reader: Reader) -> tuple[_Contents, list[Fault]]:
    """Every file must be there, be what its name says, hold numbers, and fit the model."""
    faults: list[Fault] = []

    def whole(digest: str) -> bool:
        return all(fault.where != f"objects/{digest}" for fault in faults)

    def taken(found: tuple[Arrays, Fault | None], digest: str, what: str) -> Arrays:
        arrays, fault = found
        if fault is not None:
            faults.append(fault)
        elif not finite(arrays):
            faults.append(Fault(f"objects/{digest}", f"{what} holds NaN or infinity"))
        return arrays

    def read(digest: str, what: str) -> Arrays:
        return taken(reader.arrays(digest, what), digest, what)

    model = read(manifest.arrays.model, "the global model")
    results = read(manifest.arrays.results, "the results")
    if whole(manifest.arrays.results) and not _weights(results.get("weights"), len(manifest.clients)):
        faults.append(Fault(f"objects/{manifest.arrays.results}", "the results have not a weight a client"))
    updates = {}
    for k, client in enumerate(manifest.clients):
        if client.update is not None:
            arrays = read(client.update, f"the update of client {k}")
            known = whole(client.update) and whole(manifest.arrays.model)
            if known and _form(arrays) != _form(model):
                faults.append(Fault(f"objects/{client.update}", f"the update of client {k} is no such model"))
            signature = None if client.signature is None else bytes.fromhex(client.signature)
            updates[k] = Update(list(arrays.values()), bytes.fromhex(client.update), signature)
    digest = manifest.method.data
    validation = {} if digest is None else taken(reader.validation_set(digest), digest, "the validation set")
    return _Contents(model, results, validation, updates), faults


def _signatures(manifest: Manifest, contents: _Contents) -> tuple[int, list[Fault]]:
    """Return how many updates are signed by their wallets, for this round and no other.

    A federation signs or it does not: where one client has a wallet or a signature, all need theirs.
    """
    part, right, faults = manifest.round, 0, []
    for k, client in enumerate(manifest.clients):
        if client.wallet is None:
            faults.append(
                Fault(client_leaf(k), "it has no wallet here, though the federation signs its updates")
            )
            continue
        update = contents.updates.get(k)
        if update is None or part.chain_id is None or part.scenario is None:
            continue
        venue = Venue(part.chain_id, part.scenario)
        statement = Statement(venue, part.round, bytes.fromhex(part.block_hash), update.digest)
        try:
            if update.signature is None:
                raise SignatureDefect("its update is not signed")  # noqa: TRY301
            check_signature(statement, update.signature, client.wallet)
            right += 1
        except SignatureDefect as defect:
            faults.append(Fault(client_leaf(k), str(defect)))
    return right, faults


def _recomputed(
    manifest: Manifest, contents: _Contents, assess: Assess | None
) -> tuple[Valuation | None, list[Fault]]:
    """Compute the round again; what the evidence says about it must be the same to the bit."""
    weights = contents.results["weights"]
    try:
        recipe = None if assess is not None else _recipe(manifest, contents)
        chosen = assess if recipe is None else recipe
        if chosen is None:
            what = "no engine is named: only with the assessment of who computed the scores can they be again"
            return None, [Fault("method", what)]
        valuation = valuate(
            chosen,
            list(contents.model.values()),
            {k: update.arrays for k, update in contents.updates.items()},
            weights,
            int(manifest.round.seed),
            supplies=[int(client.supply) for client in manifest.clients],
            score_cap=Fraction(manifest.method.score_cap),
        )
        again = results_of(valuation, weights, recipe, contents.model, contents.updates)
    except ValueError as error:
        return None, [Fault("method", f"the scores cannot be computed: {error}")]
    where = f"objects/{manifest.arrays.results}"
    faults = [
        Fault("scores", f"client {one.client} has {one.posted} in the evidence, recomputed {one.recomputed}")
        for one in _differences(manifest.scores.scores, valuation.scores)
    ]
    # Other assessments than a recipe give no table: one in the evidence is left unchecked.
    known = set(again) if assess is None else {*again, "table"}
    if more := [name for name in contents.results if name not in known]:
        faults.append(Fault(where, f"{len(more)} more than this round's results have, first {more[0]!r}"))
    for name, array in again.items():
        members = sorted(contents.updates) if name == "table" else None
        if what := _gap(contents.results.get(name), array, members):
            faults.append(Fault(where, f"{name}: {what}"))
    return valuation, faults


def _recipe(manifest: Manifest, contents: _Contents) -> Recipe | None:
    part = manifest.method
    if part.engine is None or part.method is None:
        return None
    given = {"exact_up_to": part.exact_up_to, "evaluations": part.evaluations}
    parameters = {name: DEFAULTS[name] if value is None else value for name, value in given.items()}
    return Recipe(validation_set(contents.validation), part.engine, part.method, parameters)


def _differences(posted: Sequence[int], recomputed: Sequence[int]) -> tuple[Difference, ...]:
    pairs = zip(posted, recomputed, strict=False)  # who joined after the round is no part of its evidence
    return tuple(Difference(k, one, other) for k, (one, other) in enumerate(pairs) if one != other)


def _gap(said: NDArray[Any] | None, again: NDArray[Any], members: Sequence[int] | None) -> str:
    """Say how recomputed results differ from those of the evidence; empty where they are the same.

    With `members` they are the utilities of all coalitions of these clients.
    """
    if said is None or said.shape != again.shape or said.dtype != again.dtype:
        return "the evidence does not have them in the form they have recomputed"
    wrong = np.flatnonzero(said.ravel() != again.ravel())
    if not len(wrong):
        return ""
    first = int(wrong[0])
    whose = f"number {first}"
    if members is not None:
        whose = f"that of coalition {[k for place, k in enumerate(members) if first >> place & 1]}"
    values = f"{said.ravel()[first].item()!r}, recomputed {again.ravel()[first].item()!r}"
    return f"{len(wrong)} of {again.size} differ, first {whose}: {values}"


def _weights(found: NDArray[Any] | None, clients: int) -> bool:
    """Whether these are aggregation weights, one above 0 a client."""
    return (
        found is not None
        and found.shape == (clients,)
        and found.dtype == np.float64
        and bool((found > 0).all())
    )


def _shares(weights: NDArray[np.float64]) -> tuple[float, ...]:
    """Return weights, of any size, as their parts of the sum."""
    scaled = weights / weights.max()
    return tuple((scaled / scaled.sum()).tolist())


def _form(arrays: Arrays) -> list[tuple[str, tuple[int, ...], str]]:
    return [(name, array.shape, array.dtype.str) for name, array in arrays.items()]
