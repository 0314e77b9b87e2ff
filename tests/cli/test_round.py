"""`wsf round verify` on a kept run: equal, or what differs by name; refusals in one message."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import replace

import pytest

from wallstreetfeds.chain import posted as chain_posted
from wallstreetfeds.chain.kept import KeptRun
from wallstreetfeds.federation import evidence
from wallstreetfeds.federation.evidence import EvidenceFolder
from wallstreetfeds.federation.evidence.reading import read_manifest

LENDERS = ("lender-01", "lender-02", "lender-03")


@pytest.fixture
def bundles(kept, tmp_path):
    """A copy of the kept run's evidence, to spoil."""
    copy = tmp_path / "bundles"
    shutil.copytree(kept.run.bundles, copy)
    return copy


def manifest(bundles, number):
    (path,) = (bundles / "rounds").glob(f"{number:06d}-*.json")
    return path


def test_every_round_of_a_kept_run_is_equal(wsf, kept):
    for number, scored in enumerate(kept.result["series"], start=1):
        done = wsf("round", "verify", number, "--json")
        assert done.code == 0, done.out + done.err
        told = done.json
        assert (told["round"], told["equal"]) == (number, True)
        assert told["scores"] == told["recomputed"] == scored["scores"]
        assert (told["updates"], told["signatures"]) == (3, 3)
        assert (told["differences"], told["faults"]) == ([], [])
        assert (told["engine"], told["method"], told["exact"]) == ("linear-log-loss", "shapley", True)
        assert told["scenario"] == kept.result["scenario"]
        assert told["replaced_by_ruling"] is False


def test_it_is_told_in_words(wsf, kept):
    done = wsf("round", "verify", "1")
    assert done.code == 0
    assert done.err == ""
    assert done.out.rstrip().endswith("\nequal")
    assert "3 of 3 accepted; all signed by their wallets" in done.out
    for name, score in zip(LENDERS, kept.result["series"][0]["scores"], strict=True):
        assert re.search(rf"^{name} +{score:,} +{score:,}$", done.out, re.MULTILINE)


def test_what_the_federator_chose_is_told_and_weights_where_they_are_not_equal(wsf, kept, monkeypatch):
    leaves = json.loads(manifest(kept.run.bundles, 1).read_bytes())["leaves"]
    model, data = leaves[2]["value"]["model"], leaves[1]["value"]["data"]
    told = wsf("round", "verify", "1", "--json").json
    assert (told["model"], told["data"], told["weights"]) == (model, data, [pytest.approx(1 / 3)] * 3)
    out = wsf("round", "verify", "1").out
    assert f"\ndata      sha-256 {data}, {told['rows']:,} rows\nmodel     sha-256 {model}, before" in out
    assert "\nweights   equal\n" in out
    real = evidence.verify_round
    monkeypatch.setattr(
        evidence, "verify_round", lambda *one, **more: replace(real(*one, **more), weights=(0.5, 1e-9, 0.5))
    )
    out = wsf("round", "verify", "1").out
    assert "\nweights   NOT EQUAL: see the table\n" in out
    assert re.search(r"^client +on chain +recomputed +weight$", out, re.MULTILINE)
    assert re.search(r"^lender-02 +[\d,]+ +[\d,]+ +1e-09$", out, re.MULTILINE)


def test_the_command_that_a_kept_run_is_offered_with_works(wsf):
    offered = re.search(r"from its evidence:  (.*)", wsf("demo", "--keep").out)
    assert offered is not None
    program, *arguments = shlex.split(offered[1])
    assert shutil.which(program) is not None
    done = wsf(*arguments)
    assert done.code == 0, done.err
    assert done.out.rstrip().endswith("equal")


def test_a_stranger_needs_the_node_the_address_and_the_evidence(wsf, kept, bundles, tmp_path):
    chain = ["--rpc", kept.node.url, "--scenario", kept.result["kept"]["scenario"]]
    nobody = ["--state", tmp_path / "nobody"]
    before = kept.node.request("eth_blockNumber")
    done = wsf("round", "verify", "2", *chain, *nobody, "--bundles", bundles)
    assert done.code == 0, done.err
    assert done.out.rstrip().endswith("equal")
    assert kept.node.request("eth_blockNumber") == before
    assert "Say with --bundles" in wsf("round", "verify", "2", *chain, *nobody).err


def test_without_the_validation_set_it_has_to_be_given(wsf, bundles, tmp_path):
    digest = json.loads(manifest(bundles, 1).read_bytes())["leaves"][1]["value"]["data"]
    data = tmp_path / "validation.safetensors"
    (bundles / "objects" / digest).rename(data)
    refused = wsf("round", "verify", "1", "--bundles", bundles)
    assert refused.code == 1
    assert "validation set is not part of the bundle" in refused.err
    assert wsf("round", "verify", "1", "--bundles", bundles, "--data", data).code == 0


def flip(path, position):
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(bytes(data))


def test_a_changed_file_is_named_and_the_exit_code_is_1(wsf, bundles):
    for path in sorted(bundles.glob("rounds/000002-*")) + sorted(bundles.glob("objects/*")):
        flip(path, path.stat().st_size // 2)
    told = wsf("round", "verify", "2", "--bundles", bundles, "--json")
    assert told.code == 1
    assert told.json["equal"] is False
    assert told.json["recomputed"] is None
    path = manifest(bundles, 2)
    assert path.name in told.json["faults"][0]["where"]
    flip(path, path.stat().st_size // 2)
    told = wsf("round", "verify", "2", "--bundles", bundles, "--json").json
    assert len(told["faults"]) == 6  # the model, the results, the validation set, three updates
    text = wsf("round", "verify", "2", "--bundles", bundles)
    assert text.code == 1
    assert text.out == ""
    assert "the update of client 1 (lender-02) has been changed" in text.err
    assert "and 1 more" in text.err


def test_a_difference_is_told_to_the_client_and_the_unit(wsf, kept, monkeypatch):
    real = chain_posted.posted_round

    def lying(scenario, number):
        found = real(scenario, number)
        first, *others, last = found.scores
        return found._replace(scores=(first - 5, *others, last + 5), submitted=(first - 5, *others, last + 5))

    monkeypatch.setattr(chain_posted, "posted_round", lying)
    first, _, last = kept.result["series"][0]["scores"]
    done = wsf("round", "verify", "1")
    assert done.code == 1
    assert done.out == ""
    assert f"lender-01 has {first - 5:,} on chain, {first:,} recomputed (-5)" in done.err
    assert f"lender-03 has {last + 5:,} on chain, {last:,} recomputed (+5)" in done.err
    told = wsf("round", "verify", "1", "--json").json
    assert "2 scores differ" in told["error"]
    assert told["differences"] == [
        {"client": "lender-01", "on_chain": first - 5, "recomputed": first, "difference": -5},
        {"client": "lender-03", "on_chain": last + 5, "recomputed": last, "difference": 5},
    ]


def test_updates_that_nobody_signed_are_not_plainly_equal(wsf, bundles, monkeypatch):
    """The federator's evidence without wallets, its root on chain."""
    real, folder = chain_posted.posted_round, EvidenceFolder(bundles)
    root = bytes.fromhex(manifest(bundles, 1).stem[7:])
    signed, _ = read_manifest(folder, 1, root)
    clients = tuple(replace(client, wallet=None, signature=None) for client in signed.clients)
    anonymous = replace(signed, clients=clients)
    folder.manifest(1, anonymous.root).write_bytes(anonymous.encode())
    monkeypatch.setattr(
        chain_posted, "posted_round", lambda *which: real(*which)._replace(root=anonymous.root)
    )
    done = wsf("round", "verify", "1", "--bundles", bundles)
    assert (done.code, done.out) == (1, "")
    assert "round 1 is not proven: clients: no update is signed by its wallet" in done.err
    assert "--unsigned" in done.err
    told = wsf("round", "verify", "1", "--bundles", bundles, "--json")
    assert (told.code, told.json["equal"], told.json["unsigned"]) == (1, False, True)
    done = wsf("round", "verify", "1", "--bundles", bundles, "--unsigned")
    assert done.code == 0
    assert "3 of 3 accepted; NONE SIGNED: the federator's word alone" in done.out
    assert done.out.rstrip().endswith("\nequal, by updates that nobody has signed")
    told = wsf("round", "verify", "1", "--bundles", bundles, "--unsigned", "--json").json
    assert (told["equal"], told["signatures"], told["unsigned"]) == (True, 0, True)


def test_a_bundle_of_another_round_is_refused(wsf, bundles):
    manifest(bundles, 1).write_bytes(manifest(bundles, 2).read_bytes())
    done = wsf("round", "verify", "1", "--bundles", bundles)
    assert done.code == 1
    assert "do not lead to the root on chain" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["0"], 1, "there is no round 0: this federation has rounds 1 to 4"),
        (["9"], 1, "there is no round 9"),
        (["4"], 1, "round 4 is not open yet: round 3 was the last"),
        (["one"], 2, "'one' is not a valid int"),
        ([], 2, "Missing argument"),
        (["1", "--bundles", "/nowhere"], 1, "there is no evidence of round 1 in /nowhere"),
        (["1", "--bundles", "/" + "a" * 300], 1, "File name too long"),
        (["1", "--state", "/" + "a" * 300], 1, "cannot use /aaa"),
        (["1", "--data", "/nowhere"], 1, "/nowhere: the validation set is missing"),
        (["1", "--scenario", "0x" + "11" * 20], 1, "--scenario without --rpc"),
        (["1", "--state", "/nowhere"], 1, "no run is kept in /nowhere"),
        (
            ["1", "--rpc", "http://127.0.0.1:1", "--scenario", "0x" + "11" * 20, "--bundles", "."],
            1,
            "no Ethereum node answers at http://127.0.0.1:1",
        ),
        (
            ["1", "--rpc", "RPC", "--scenario", "0x" + "11" * 20, "--bundles", "."],
            1,
            "there is no Scenario at 0x1111111111111111111111111111111111111111",
        ),
        (["1", "--rpc", "RPC", "--scenario", "0x11", "--bundles", "."], 1, "--scenario is 0x11"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_one_message(wsf, kept, arguments, code, message):
    done = wsf("round", "verify", *(kept.node.url if a == "RPC" else a for a in arguments))
    assert done.code == code
    assert done.out == ""
    assert message in done.err
    assert "Traceback" not in done.err
    assert "cannot print" not in done.err


def test_a_fresh_run_forgets_the_evidence_of_the_one_before(tmp_path):
    run = KeptRun(tmp_path / "kept")
    with run.lock():
        run.create({"clients": 3})
        (run.bundles / "rounds").mkdir(parents=True)
        run.create({"clients": 4})
    assert not run.bundles.exists()
