"""A round is checked by whoever doubts it: what is right is equal, what is not is named."""

import errno
import hashlib
import json
import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from wallstreetfeds.federation.evidence import (
    EvidenceError,
    EvidenceFolder,
    canonical_bytes,
    canonical_digest,
    verify_round,
)
from wallstreetfeds.federation.evidence.manifest import FORMAT, LARGEST_MANIFEST, client_leaf, leaf_bytes
from wallstreetfeds.federation.evidence.merkle import leaf_hash, root_of_path
from wallstreetfeds.federation.evidence.recipe import MOST_EVALUATIONS
from wallstreetfeds.federation.signing import Statement, Venue, sign_statement


def verdict_on(scored, **options):
    return verify_round(scored.posted, scored.folder, **options)


def only_fault(scored, **options):
    verdict = verdict_on(scored, **options)
    assert not verdict.equal
    assert len(verdict.faults) == 1, verdict.faults
    return str(verdict.faults[0])


def manifest_path(scored):
    return scored.folder.manifest(scored.posted.round, scored.posted.root)


# --- what is right ---


def test_a_right_round_is_equal(scored):
    verdict = verdict_on(scored)
    assert verdict.equal
    assert verdict.recomputed == scored.posted.scores
    assert sum(verdict.recomputed) == 10**9
    assert (verdict.updates, verdict.signatures, verdict.evaluations, verdict.exact) == (3, 3, 8, True)
    assert (verdict.engine, verdict.method) == ("linear-log-loss", "shapley")


def test_what_the_federator_chose_is_told(scored, new_scored):
    verdict = verdict_on(scored)
    assert verdict.model == canonical_digest({"coefficients": np.zeros(3), "bias": np.zeros(1)}).hex()
    assert (verdict.data, verdict.rows) == (scored.recipe.data_digest.hex(), 20)
    assert verdict.weights == (1 / 3,) * 3
    rigged = new_scored(weights=[1.0, 1e-9, 1.0])
    assert verdict_on(rigged).equal
    assert verdict_on(rigged).weights == pytest.approx([0.5, 5e-10, 0.5])


def test_a_client_that_did_not_answer_has_no_score_and_the_round_is_equal(new_scored):
    verdict = verdict_on(new_scored(silent=(1,)))
    assert verdict.equal
    assert verdict.recomputed[1] == 0
    assert verdict.updates == 2


def test_a_round_that_nobody_answered_is_equal(new_scored):
    verdict = verdict_on(new_scored(silent=(0, 1, 2)))
    assert verdict.equal
    assert verdict.recomputed == (0, 0, 0)


def test_clients_that_joined_after_the_round_do_not_matter(scored):
    posted = scored.posted
    later = replace(
        posted,
        scores=(*posted.scores, 0),
        wallets=(*posted.wallets, "0x" + "77" * 20),
        supplies=(*posted.supplies, 5),
    )
    assert verify_round(later, scored.folder).equal
    paid = replace(later, scores=(*posted.scores, 1))
    assert "beyond the 3 of the evidence" in str(verify_round(paid, scored.folder).faults[0])


def test_the_validation_set_can_be_given_and_has_to_be_where_the_bundle_has_none(new_scored, tmp_path):
    scored = new_scored(with_data=False)
    assert "validation set is not part of the bundle" in only_fault(scored)
    file = tmp_path / "validation"
    file.write_bytes(canonical_bytes(scored.recipe.data))
    assert verdict_on(scored, data=file).equal
    file.write_bytes(canonical_bytes(new_scored(round=3).recipe.data))
    assert f"{file}: the validation set has been changed" in only_fault(scored, data=file)
    assert "is missing" in only_fault(scored, data=tmp_path / "nowhere")


def test_an_assessment_without_a_recipe_is_repeated_by_whoever_has_it(scored):
    method = replace(scored.manifest.method, engine=None, method=None, data=None)
    own = scored.committed(method=method)
    assert "no engine is named" in only_fault(own)
    assert verdict_on(own, assess=scored.recipe).equal


# --- what differs ---


def test_other_scores_on_chain_are_told_to_the_client_and_the_unit(scored):
    first, second, third = scored.posted.scores
    posted = replace(scored.posted, scores=(first - 7, second + 7, third))
    verdict = verify_round(posted, scored.folder)
    assert not verdict.equal
    assert verdict.faults == ()
    assert [(one.client, one.posted - one.recomputed) for one in verdict.differences] == [(0, -7), (1, 7)]


def test_a_federator_that_commits_to_its_lie_is_found(scored):
    first, second, third = scored.posted.scores
    lie = (first - 1, second + 1, third)
    lying = scored.committed(scores=replace(scored.manifest.scores, scores=lie))
    verdict = verify_round(replace(lying.posted, scores=lie), lying.folder)
    assert [(one.client, one.posted - one.recomputed) for one in verdict.differences] == [(0, -1), (1, 1)]
    assert [fault.where for fault in verdict.faults] == ["scores", "scores"]


@pytest.mark.parametrize(
    ("name", "index", "message"),
    [
        ("contributions", 1, "contributions: 1 of 3 differ, first number 1"),
        ("table", 5, "table: 1 of 8 differ, first that of coalition [0, 2]"),
        ("utilities", 0, "utilities: 1 of 2 differ"),
    ],
)
def test_results_that_are_off_by_one_bit_are_found(scored, name, index, message):
    results = {key: array.copy() for key, array in scored.bundle.objects[results_digest(scored)].items()}
    results[name][index] = np.nextafter(results[name][index], 1.0)
    assert message in only_fault(scored.with_arrays("arrays", "results", results))


def results_digest(scored):
    return scored.manifest.arrays.results


def test_results_without_a_part_are_found(scored):
    results = dict(scored.bundle.objects[results_digest(scored)])
    del results["table"]
    assert "table: the evidence does not have them" in only_fault(
        scored.with_arrays("arrays", "results", results)
    )
    del results["weights"]
    assert "not a weight a client" in only_fault(scored.with_arrays("arrays", "results", results))
    assert "not a weight a client" in only_fault(scored.with_arrays("arrays", "results", {}))


@pytest.mark.parametrize(
    "weights",
    [np.zeros(3), np.array([1.0, -1.0, 1.0]), np.ones(3, dtype=np.int64), np.ones(2), np.array(1.0)],
)
@pytest.mark.parametrize("silent", [(), (1,), (0, 1, 2)])
def test_weights_that_are_none_are_refused_whoever_answered(new_scored, weights, silent):
    scored = new_scored(silent=silent)
    results = {**scored.bundle.objects[results_digest(scored)], "weights": weights}
    assert "not a weight a client" in only_fault(scored.with_arrays("arrays", "results", results))


@pytest.mark.parametrize("name", ["standard_errors", "\x1b]0;title\x07" + "a" * 10**6])
def test_results_that_no_round_has_are_found_and_their_names_are_not_repeated_raw(scored, name):
    results = {**scored.bundle.objects[results_digest(scored)], name: np.zeros(3)}
    fault = only_fault(scored.with_arrays("arrays", "results", results))
    assert "1 more than this round's results have, first '" in fault
    assert fault.isprintable()
    assert len(fault) < 1000


def test_a_model_without_arrays_is_no_model_of_the_updates(scored):
    faults = [fault.what for fault in verdict_on(scored.with_arrays("arrays", "model", {})).faults]
    assert faults == [f"the update of client {k} is no such model" for k in range(3)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"venue": Venue(1, "0x" + "5c" * 20)}, "round: its chain id is 31337, on chain it is 1"),
        ({"venue": Venue(31337, "0x" + "5d" * 20)}, "round: its Scenario is"),
        ({"block_hash": bytes(32)}, "round: its opening block is"),
        ({"score_cap": Fraction(3)}, "method: the score cap is 4, on chain 3"),
        ({"wallets": ("0x" + "77" * 20,) * 3}, "client/0: its wallet is"),
        ({"supplies": (1, 2, 1)}, "client/1: its part of all supplies"),
        ({"partaking": 2}, "round: it has 3 clients; on chain 2 take part in this round"),
        ({"partaking": 4}, "round: it has 3 clients; on chain 4 take part in this round"),
    ],
)
def test_evidence_of_something_else_than_the_chain_says_is_refused(scored, changes, message):
    verdict = verify_round(replace(scored.posted, **changes), scored.folder)
    assert not verdict.equal
    assert message in str(verdict.faults[0])


# --- signatures ---


def client(scored, k, **changes):
    clients = list(scored.manifest.clients)
    clients[k] = replace(clients[k], **changes)
    return scored.committed(clients=tuple(clients))


def signed(scored, k, *, by=None, round=None, venue=None):
    digest = bytes.fromhex(scored.manifest.clients[k].update)
    posted = scored.posted
    statement = Statement(venue or posted.venue, round or posted.round, posted.block_hash, digest)
    return sign_statement(statement, scored.accounts[k if by is None else by]).hex()


def test_updates_that_their_wallets_did_not_sign_for_this_round_are_named(scored):
    assert "client/1: its update is not signed" in only_fault(client(scored, 1, signature=None))
    for forged in (
        signed(scored, 1, by=0),
        signed(scored, 1, round=1),
        signed(scored, 1, venue=Venue(1, scored.posted.venue.scenario)),
        signed(scored, 0, by=1),
    ):
        assert "client/1: signed by" in only_fault(client(scored, 1, signature=forged))


def test_a_client_has_an_update_or_a_reason_why_not(scored):
    assert "client/1: it has an update, and a reason" in only_fault(client(scored, 1, excluded="too late"))
    assert "client/1: it has a signature, but no update" in only_fault(client(scored, 1, update=None))


def test_swapped_updates_are_named(scored):
    one, other = scored.manifest.clients[:2]
    swapped = client(client(scored, 0, update=other.update), 1, update=one.update)
    verdict = verdict_on(swapped)
    assert [fault.where for fault in verdict.faults] == ["client/0", "client/1"]


def without_wallets(scored, *which):
    clients = list(scored.manifest.clients)
    for k in which:
        clients[k] = replace(clients[k], wallet=None, signature=None)
    return scored.committed(clients=tuple(clients))


def test_updates_that_nobody_signed_are_the_federators_word_and_not_equal_unless_that_is_taken(scored):
    anonymous = without_wallets(scored, 0, 1, 2)
    assert only_fault(anonymous).startswith("clients: no update is signed by its wallet")
    assert verdict_on(anonymous).unsigned
    taken = verdict_on(anonymous, unsigned=True)
    assert taken.equal
    assert (taken.updates, taken.signatures, taken.unsigned) == (3, 0, True)
    assert not verdict_on(scored, unsigned=True).unsigned


@pytest.mark.parametrize("unsigned", [False, True])
def test_a_client_cannot_be_made_one_that_does_not_sign(scored, new_scored, unsigned):
    """Its update could then be anything: no word of the federator's replaces a signature among signatures."""
    for forged in (without_wallets(scored, 1), without_wallets(new_scored(silent=(1,)), 1)):
        assert "client/1: it has no wallet here" in only_fault(forged, unsigned=unsigned)
    hidden = client(client(client(scored, 0, wallet=None), 1, wallet=None), 2, wallet=None)
    faults = verdict_on(hidden, unsigned=unsigned).faults
    assert [fault.where for fault in faults] == ["client/0", "client/1", "client/2"]


def test_a_round_without_updates_needs_no_signatures(new_scored):
    assert verdict_on(without_wallets(new_scored(silent=(0, 1, 2)), 0, 1, 2)).equal


# --- files that are not what they should be ---


def flipped(path, position, bit):
    data = bytearray(path.read_bytes())
    data[position] ^= 1 << bit
    path.write_bytes(bytes(data))


def test_a_flipped_bit_anywhere_is_found_and_its_file_named(scored):
    """Some hundred places in every file of a bundle; what is right again is equal again."""
    rng = random.Random(7)
    files = sorted(path for path in scored.folder.path.rglob("*") if path.is_file())
    assert len(files) == 7  # the manifest, the model, the results, the validation set, three updates
    for path in files:
        right = path.read_bytes()
        for position in {0, len(right) - 1, *(rng.randrange(len(right)) for _ in range(60))}:
            flipped(path, position, rng.randrange(8))
            verdict = verdict_on(scored)
            assert not verdict.equal
            assert verdict.recomputed is None
            assert len(verdict.faults) == 1
            assert path.name in verdict.faults[0].where, (path, position)
        path.write_bytes(right)
    assert verdict_on(scored).equal


def test_a_changed_value_is_told_to_its_leaf(scored):
    path, right = manifest_path(scored), manifest_path(scored).read_bytes()
    for number, (name, _) in enumerate(scored.manifest.leaves):
        content = json.loads(right)
        value = content["leaves"][number]["value"]
        field = next(iter(value))
        value[field] = 7
        path.write_bytes(json.dumps(content, indent=1).encode() + b"\n")
        assert f"leaf {number} ({name!r}): its content is not what was committed to" in only_fault(scored)
    path.write_bytes(right.replace(scored.manifest.hashes[2].hex().encode(), b"0" * 64))
    assert "leaf 2 ('arrays'): the hash beside it" in only_fault(scored)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_named(scored, keep):
    for path in sorted(path for path in scored.folder.path.rglob("*") if path.is_file()):
        right = path.read_bytes()
        path.write_bytes(right[: int(len(right) * keep)])
        assert path.name in only_fault(scored)
        path.write_bytes(right)


def test_a_missing_file_is_named(scored):
    for digest in scored.bundle.objects:
        path = scored.folder.object(digest)
        right = path.read_bytes()
        path.unlink()
        assert digest in only_fault(scored)
        path.write_bytes(right)


def test_no_evidence_under_the_root_on_chain_is_one_message(scored):
    unknown = replace(scored.posted, root=bytes(32))
    with pytest.raises(EvidenceError, match=r"no evidence of round 2 .* \(there is other evidence"):
        verify_round(unknown, scored.folder)
    with pytest.raises(EvidenceError, match="no evidence of round 2"):
        verify_round(scored.posted, EvidenceFolder(scored.folder.path / "nowhere"))


def test_a_folder_that_cannot_be_looked_into_is_one_message(scored, monkeypatch):
    with pytest.raises(EvidenceError, match=r"cannot read .*File name too long"):
        verify_round(scored.posted, EvidenceFolder(scored.folder.path / ("a" * 300)))

    def forbidden(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    path = scored.folder.object(scored.manifest.method.data)
    real = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda one: forbidden(one) if one == path else real(one))
    assert "the validation set cannot be read: Permission denied" in only_fault(scored)
    assert "File name too long" in only_fault(scored, data=scored.folder.path / ("a" * 300))
    monkeypatch.setattr(Path, "is_file", forbidden)
    with pytest.raises(EvidenceError, match=r"cannot read .*Permission denied"):
        verdict_on(scored)


def test_what_a_stranger_wrote_is_told_in_short_and_printable(scored):
    for name in ("\x1b[2J\u202e", "w" * 10**5):
        validation = {**scored.recipe.data, name: np.zeros(1)}
        fault = only_fault(scored.with_arrays("method", "data", validation))
        assert fault.startswith(
            "method: the scores cannot be computed: a validation set has features and labels"
        )
        assert fault.isprintable()
        assert len(fault) < 1000
    path = manifest_path(scored)
    path.write_bytes(path.read_bytes().replace(FORMAT.encode(), b"\\u001b" + b"x" * 900_000))
    fault = only_fault(scored)
    assert fault.isprintable()
    assert len(fault) < 1000


def test_the_bundle_of_another_round_is_refused(scored, new_scored):
    other = new_scored(round=3)
    manifest_path(scored).write_bytes(manifest_path(other).read_bytes())
    assert "do not lead to the root on chain" in only_fault(scored)
    third = replace(other.posted, round=2, block_hash=scored.posted.block_hash)
    manifest_path(replace(other, posted=third)).write_bytes(manifest_path(other).read_bytes())
    faults = [str(fault) for fault in verify_round(third, other.folder).faults]
    assert "round: its number is 3, on chain it is 2" in faults


def test_a_huge_manifest_is_not_read(scored):
    os.truncate(manifest_path(scored), 1 << 40)
    assert f"more than {LARGEST_MANIFEST}" in only_fault(scored)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "a" * 63, "A" * 64, "", None, 7])
def test_names_of_files_are_digests_and_nothing_else(scored, name):
    arrays = replace(scored.manifest.arrays, model=name)
    assert "arrays: its model is not a valid one" in only_fault(scored.committed(arrays=arrays))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(scored, value):
    for part, field in (("arrays", "model"), ("arrays", "results"), ("method", "data")):
        digest = getattr(getattr(scored.manifest, part), field)
        arrays = {name: array.copy() for name, array in scored.bundle.objects[digest].items()}
        next(iter(arrays.values())).flat[0] = value
        assert "holds NaN or infinity" in only_fault(scored.with_arrays(part, field, arrays))


def test_an_update_of_another_form_is_refused(scored):
    arrays = {"coefficients": np.zeros(4), "bias": np.zeros(1)}
    wrong = scored.with_arrays("arrays", "model", arrays)
    faults = [fault.what for fault in verdict_on(wrong).faults]
    assert faults == [f"the update of client {k} is no such model" for k in range(3)]


def test_an_object_that_is_no_file_of_arrays_is_refused(scored):
    data = b"not arrays"
    path = scored.folder.object(scored.manifest.arrays.model)
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    scored.folder.object(digest).write_bytes(data)
    wrong = scored.committed(arrays=replace(scored.manifest.arrays, model=digest))
    assert "is not a file of arrays" in only_fault(wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: b"", "it is not JSON"),
        (lambda text: b"[" * 500_000, "nested deeper"),
        (lambda text: b"\xff" + text, "it is not JSON"),
        (lambda text: b"[]", "does not consist of a format and leaves"),
        (lambda text: text.replace(FORMAT.encode(), b"wallstreetfeds/evidence/2"), "this version reads"),
        (lambda text: json.dumps({"format": FORMAT, "leaves": []}).encode(), "not the leaves"),
        (lambda text: json.dumps({"format": FORMAT, "leaves": [1] * 6}).encode(), "leaf 0 does not consist"),
        (lambda text: text + b" ", "bytes outside its leaves"),
        (lambda text: text.replace(b'"round": 2', b'"round": 02'), "it is not JSON"),
        (lambda text: text.replace(b'"round": 2', b'"round": 2.0'), "leaf 0 ('round'): its content"),
        (lambda text: text.replace(b'"round": 2', b'"round": NaN'), "leaf 0 ('round'): its content"),
        (lambda text: text.replace(b'"round": 2', b'"round": 2, "round": 2'), "bytes outside its leaves"),
    ],
)
def test_a_manifest_of_another_form_is_refused_in_words(scored, change, message):
    path = manifest_path(scored)
    path.write_bytes(change(path.read_bytes()))
    fault = only_fault(scored)
    assert message in fault
    assert fault.startswith(f"rounds/{path.name}")


@pytest.mark.parametrize(
    ("part", "changes", "message"),
    [
        ("round", {"seed": "1"}, "round: its seed is 1, on chain it is"),
        ("round", {"seed": "-1"}, "round: its seed is not a valid one"),
        ("round", {"block_hash": "0"}, "round: its block_hash is not a valid one"),
        ("method", {"engine": "wishful"}, "method: the scores cannot be computed: unknown engine"),
        ("method", {"method": "wishful"}, "method: the scores cannot be computed: unknown method"),
        ("method", {"evaluations": MOST_EVALUATIONS + 1}, "evaluations is 10000001; it is from 0 to"),
        ("method", {"exact_up_to": 1 << 62}, "exact_up_to is 4611686018427387904; it is from 0 to"),
        ("method", {"method": "surrogate"}, "other last bits with the method 'surrogate'"),
        ("method", {"evaluations": -1}, "method: its evaluations is not a valid one"),
        ("method", {"score_cap": "4/0"}, "method: its score_cap is not a valid one"),
        ("scores", {"scores": (1, 2)}, "scores: they are not 3 whole numbers"),
        ("scores", {"scores": (1, 2, -3)}, "scores: they are not 3 whole numbers"),
        ("scores", {"strangers": (("9",),)}, "scores: strangers are not pairs"),
    ],
)
def test_impossible_parts_are_refused_by_name(scored, part, changes, message):
    wrong = scored.committed(**{part: replace(getattr(scored.manifest, part), **changes)})
    faults = [str(fault) for fault in verdict_on(wrong).faults]
    assert any(message in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"labels": np.zeros(2, dtype=int), "features": np.zeros((2, 3))}, "has features and labels"),
        ({"features": np.zeros((2, 3)), "labels": np.zeros(3, dtype=int)}, "do not fit together"),
        ({"features": np.zeros((2, 3)), "labels": np.zeros(2)}, "whole numbers"),
        ({"features": np.zeros((0, 3)), "labels": np.zeros(0, dtype=int)}, "do not fit together"),
        ({"features": np.zeros((2, 4)), "labels": np.zeros(2, dtype=int)}, "do not fit"),
        ({"features": np.zeros((2, 3)), "labels": np.array([0, 2])}, "integers from 0 to 1"),
    ],
)
def test_a_validation_set_that_is_none_is_refused_in_words(scored, arrays, message):
    assert message in only_fault(scored.with_arrays("method", "data", arrays))


def test_a_client_can_be_shown_that_it_was_counted_without_the_others_updates(scored):
    manifest = scored.manifest
    leaves = dict(manifest.leaves)
    name = client_leaf(1)
    leaf = leaf_hash(name, leaf_bytes(leaves[name]))
    path = manifest.proof(1)
    assert root_of_path(FORMAT, leaf, list(leaves).index(name), len(leaves), path) == scored.posted.root
