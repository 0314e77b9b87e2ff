"""A folder of evidence: complete or not there, named by content, never written over."""

import errno
import hashlib
import os
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from wallstreetfeds.contribution import METHODS
from wallstreetfeds.federation.evidence import (
    EvidenceError,
    EvidenceFolder,
    Posted,
    Recipe,
    Update,
    bundle,
    canonical_digest,
    read_canonical,
    verify_round,
)
from wallstreetfeds.federation.evidence.recipe import DEFAULT_METHOD, DEFAULTS, REPEATABLE, TABLE_UP_TO
from wallstreetfeds.federation.settlement import round_seed
from wallstreetfeds.federation.signing import Venue
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.federation.valuation import cap_in_wad, valuate
from wallstreetfeds.units import WAD


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def test_every_object_is_named_by_its_sha_256_and_the_manifest_by_its_root(scored):
    files = contents(scored.folder)
    manifest = files.pop(f"000002-{scored.bundle.root.hex()}.json")
    assert manifest == scored.manifest.encode()
    assert set(files) == set(scored.bundle.objects)
    for name, data in files.items():
        assert hashlib.sha256(data).hexdigest() == name
        assert list(read_canonical(data)) == list(scored.bundle.objects[name])


def test_the_same_round_gives_the_same_bytes_and_writing_again_changes_nothing(scored, new_scored):
    before = contents(scored.folder)
    times = {path: path.stat().st_mtime_ns for path in (scored.folder.path / "objects").iterdir()}
    again = new_scored()
    assert again.bundle.root == scored.bundle.root
    assert contents(scored.folder) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_another_attempt_at_a_round_is_kept_beside_the_first(scored):
    other = scored.committed(scores=replace(scored.manifest.scores, scores=(0, 0, 0)))
    assert len(scored.folder.rounds(2)) == 2
    assert verify_round(scored.posted, scored.folder).equal
    assert other.posted.root != scored.posted.root


def test_rounds_share_what_is_the_same_in_both(scored, new_scored):
    other = new_scored(round=3)
    shared = set(scored.bundle.objects) & set(other.bundle.objects)
    assert scored.manifest.arrays.model in shared


def test_a_damaged_object_is_made_whole_when_its_round_is_written_again(scored):
    path = scored.folder.object(scored.manifest.arrays.model)
    path.write_bytes(b"damaged")
    scored.folder.write(scored.bundle)
    assert verify_round(scored.posted, scored.folder).equal


def test_without_data_the_validation_set_is_not_written(new_scored):
    scored = new_scored(with_data=False)
    assert not scored.folder.object(scored.manifest.method.data).exists()


@pytest.mark.parametrize("allowed", range(7))
def test_a_disk_that_fills_up_leaves_no_manifest_and_no_half_file(scored, tmp_path, monkeypatch, allowed):
    """The n-th sync fails, for every n up to the manifest's."""
    folder = EvidenceFolder(tmp_path / "small disk")
    left = [allowed]
    real = os.fsync

    def fsync(handle):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(EvidenceError, match="No space left on device; its scores are not submitted"):
        folder.write(scored.bundle)
    assert folder.rounds(2) == []
    for path in folder.path.rglob("*"):
        if path.is_file():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    monkeypatch.setattr(os, "fsync", real)
    folder.write(scored.bundle)
    assert verify_round(scored.posted, folder).equal


def test_a_place_that_cannot_be_written_is_one_message(scored, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EvidenceError, match="evidence of round 2 cannot be written"):
        EvidenceFolder(tmp_path / "file").write(scored.bundle)


def test_all_that_decides_a_round_changes_its_root(scored):
    manifest = scored.manifest
    first = manifest.clients[0]
    changes = [
        {"round": replace(manifest.round, **{name: value})}
        for name, value in [
            ("chain_id", 1),
            ("scenario", None),
            ("round", 3),
            ("block_hash", "00" * 32),
            ("seed", "0"),
        ]
    ]
    changes += [
        {"method": replace(manifest.method, **{name: value})}
        for name, value in [
            ("engine", None),
            ("method", "exact"),
            ("exact_up_to", 2),
            ("evaluations", 1),
            ("score_cap", "3"),
            ("data", None),
        ]
    ]
    changes += [{"arrays": replace(manifest.arrays, **{name: "00" * 32})} for name in ("model", "results")]
    changes += [{"scores": replace(manifest.scores, **{name: ()})} for name in ("scores", "strangers")]
    changes += [
        {"clients": (replace(first, **{name: value}), *manifest.clients[1:])}
        for name, value in [
            ("wallet", None),
            ("supply", "2"),
            ("update", None),
            ("signature", None),
            ("excluded", "late"),
        ]
    ]
    changes += [{"clients": manifest.clients[:2]}, {"clients": manifest.clients[::-1]}]
    roots = {replace(manifest, **change).root for change in changes}
    assert len(roots) == len(changes)
    assert manifest.root not in roots


DATA = Partition(np.zeros((2, 3)), np.array([0, 1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "wishful"}, "unknown engine 'wishful'; there are linear-log-loss"),
        ({"method": "wishful"}, "unknown method 'wishful'; choose one of shapley"),
        ({"parameters": {"evaluations": 5}}, "the parameters are exact_up_to, evaluations"),
        ({"parameters": {**DEFAULTS, "evaluations": 10**9}}, "evaluations is 1000000000; it is from 0 to"),
        ({"parameters": {**DEFAULTS, "evaluations": 2e4}}, r"evaluations is a whole number, not 20000\.0"),
        ({"parameters": {**DEFAULTS, "exact_up_to": -1}}, "exact_up_to is -1; it is from 0 to"),
        ({"parameters": {**DEFAULTS, "exact_up_to": 16.0}}, r"exact_up_to is a whole number, not 16\.0"),
        ({"parameters": {**DEFAULTS, "exact_up_to": True}}, "exact_up_to is a whole number, not True"),
        (
            {"method": "regression"},
            "other last bits with the method 'regression'; choose one of shapley, exact",
        ),
        ({"method": "surrogate"}, "other last bits with the method 'surrogate'"),
        ({"method": "data-size"}, "no numbers of examples for the method 'data-size'"),
        ({"method": "sampled-banzhaf"}, "other last bits with the method 'sampled-banzhaf'"),
        ({"validation": Partition(np.zeros((2, 3)), np.array([0.0, 0.5]))}, "labels are whole numbers"),
        ({"validation": Partition(np.zeros((2, 3)), np.array([0.0, np.nan]))}, "labels are whole numbers"),
        ({"validation": Partition(np.zeros((2, 3)), np.array([0.0, 1e300]))}, "labels are whole numbers"),
        ({"validation": Partition(np.zeros((2, 3)), np.array(["a", "b"]))}, "labels are whole numbers"),
        ({"validation": Partition(np.zeros((3, 3)), np.array([0, 1]))}, "do not fit together"),
        ({"validation": Partition(np.zeros(2), np.array([0, 1]))}, "do not fit together"),
        ({"validation": Partition(np.full((2, 3), np.nan), np.array([0, 1]))}, "NaN or infinity"),
        ({"validation": Partition(np.zeros((2, 3), dtype=complex), np.array([0, 1]))}, "dtype complex128"),
    ],
)
def test_a_recipe_that_nobody_could_follow_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**{"validation": DATA, "engine": "linear-log-loss", **options})


def test_every_other_method_can_be_repeated():
    assert set(METHODS) - set(REPEATABLE) == {"regression", "surrogate", "sampled-banzhaf", "data-size"}
    assert set(REPEATABLE) - set(METHODS) == {DEFAULT_METHOD}


@pytest.mark.parametrize("labels", [[False, True], [0.0, 1.0], [0, 1], np.array([0, 1], dtype=np.uint8)])
def test_a_round_can_be_checked_whatever_its_numbers_were_handed_over_as(labels, tmp_path):
    """Scores go on chain with what was handed over: that has to be something a bundle can say."""
    recipe = Recipe(
        Partition([[1.0, 2.0], [0.5, -1.0]], np.asarray(labels)),
        "linear-log-loss",
        "antithetic",
        {"exact_up_to": np.int64(16), "evaluations": np.int32(100)},
    )
    rng = np.random.default_rng(5)
    model = {"coefficients": np.zeros(2), "bias": np.zeros(1)}
    own = [{"coefficients": rng.normal(size=2), "bias": np.zeros(1)} for _ in range(3)]
    updates = {k: Update(list(one.values()), canonical_digest(one)) for k, one in enumerate(own)}
    seed, weights = round_seed(bytes(32), 1), np.full(3, 1 / 3)
    valuation = valuate(
        recipe,
        list(model.values()),
        {k: update.arrays for k, update in updates.items()},
        weights,
        seed,
        supplies=None,
        score_cap=1.1,
    )
    venue = Venue(31337, "0x" + "5c" * 20)
    evidence = bundle(
        venue=venue,
        round=1,
        block_hash=bytes(32),
        seed=seed,
        recipe=recipe,
        score_cap=1.1,
        weights=weights,
        supplies=None,
        wallets=None,
        model=model,
        updates=updates,
        excluded={},
        strangers=[],
        valuation=valuation,
    )
    folder = EvidenceFolder(tmp_path)
    folder.write(evidence)
    posted = Posted(
        venue=venue,
        round=1,
        block_hash=bytes(32),
        root=evidence.root,
        partaking=3,
        scores=valuation.scores,
        wallets=("0x" + "77" * 20,) * 3,
        supplies=(1, 1, 1),
        score_cap=Fraction(11 * WAD // 10, WAD),
    )
    verdict = verify_round(posted, folder, unsigned=True)
    assert verdict.equal, verdict.faults


@pytest.mark.parametrize(
    ("cap", "held"),
    [(4, "4"), (4.2, "21/5"), (np.float64(4.2), "21/5"), (Fraction(4, 3), f"{4 * WAD // 3}/{WAD}"), (1, "1")],
)
def test_a_score_cap_is_what_the_contracts_hold(cap, held):
    assert cap_in_wad(cap) == cap_in_wad(cap_in_wad(cap)) == Fraction(held)


@pytest.mark.parametrize("cap", [0.99, 0, -4, float("nan"), float("inf"), "four"])
def test_a_score_cap_that_pays_nobody_or_is_none_is_refused(cap):
    with pytest.raises(ValueError, match="score cap"):
        cap_in_wad(cap)


def test_tables_of_many_coalitions_are_left_out():
    model = [np.zeros(3), np.zeros(1)]
    recipe = Recipe(DATA, "linear-log-loss")
    many = TABLE_UP_TO + 1
    assert recipe.table(model, [model] * many, np.full(many, 1 / many)) is None
    few = recipe.table(model, [model] * 2, np.full(2, 0.5))
    assert few.tolist() == [-np.log(2.0)] * 4 or np.allclose(few, -np.log(2.0), atol=1e-15)


def test_networks_can_be_in_a_recipe_too():
    rng = np.random.default_rng(4)
    shapes = [(3, 4), (4,), (4, 1), (1,)]
    model, *updates = ([rng.normal(size=shape) for shape in shapes] for _ in range(4))
    recipe = Recipe(Partition(rng.normal(size=(20, 3)), rng.integers(0, 2, 20)), "mlp-log-loss")
    worth = recipe(model, updates, np.full(3, 1 / 3), 0)
    table = recipe.table(model, updates, np.full(3, 1 / 3))
    assert (table[0], table[7]) == (worth.empty_utility, worth.grand_utility)
    assert worth.values.sum() == pytest.approx(table[7] - table[0], abs=1e-12)


@pytest.mark.parametrize("method", ["exact", "antithetic", "leave-one-out"])
def test_methods_of_the_registry_can_be_in_a_recipe(method):
    rng = np.random.default_rng(3)
    model = [np.zeros(3), np.zeros(1)]
    updates = [[rng.normal(size=3), np.zeros(1)] for _ in range(4)]
    recipe = Recipe(DATA, "linear-log-loss", method, {"exact_up_to": 0, "evaluations": 100})
    first, again = (recipe(model, updates, np.full(4, 0.25), 5) for _ in range(2))
    assert (first.values == again.values).all()
    assert first.exact == (method != "antithetic")
