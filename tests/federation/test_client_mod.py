"""Signed updates from the client to the payout: what is not its own is left out by name, others are paid."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest
from eth_account import Account
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg

from wallstreetfeds.federation import (
    LocalGrid,
    Rewarded,
    SignedUpdates,
    Venue,
    keystore_signer,
    run_locally,
)
from wallstreetfeds.federation.client_mod import RECORD
from wallstreetfeds.federation.evidence import EvidenceError, EvidenceFolder, Recipe, verify_round
from wallstreetfeds.federation.evidence.verify import Posted
from wallstreetfeds.federation.tasks import CREDIT
from wallstreetfeds.federation.tasks.base import Partition

VENUE = Venue(31337, "0x" + "5c" * 20)
ACCOUNTS = [Account.from_key(bytes([k + 1]) * 32) for k in range(3)]
WALLETS = [account.address for account in ACCOUNTS]
STEPS = [[0.3, 0.1], [0.2, -0.1], [-0.1, 0.2]]
HOSTILE = 1

rng = np.random.default_rng(1)
VALIDATION = Partition(rng.normal(size=(30, 2)), rng.integers(0, 2, 30))


def app_of(*mods):
    app = ClientApp(mods=list(mods))

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config["partition-id"])
        coefficients, bias = message.content.array_records["arrays"].to_numpy_ndarrays()
        arrays = ArrayRecord([coefficients + STEPS[client], bias])
        metrics = MetricRecord({"num-examples": 1})
        return Message(RecordDict({"arrays": arrays, "metrics": metrics}), reply_to=message)

    return app


def signer(context):
    return ACCOUNTS[int(context.node_config["partition-id"])]


def play(settlement, hostile=None, *, rounds=1, **options):
    """Train and pay; `hostile` makes the second client's app out of an honest one."""
    honest = app_of(SignedUpdates(VENUE, signer))
    apps = dict.fromkeys((1, 2, 3), honest)
    if hostile is not None:
        apps[HOSTILE + 1] = hostile(honest)
    reports = []
    strategy = Rewarded(
        FedAvg(fraction_evaluate=0.0),
        settlement=settlement,
        nodes=[1, 2, 3],
        assess=Recipe(VALIDATION, "linear-log-loss"),
        on_round=reports.append,
        **{"venue": VENUE, "wallets": WALLETS, **options},
    )
    strategy.start(
        grid=LocalGrid(apps, {k + 1: {"partition-id": k} for k in range(3)}),
        initial_arrays=ArrayRecord([np.zeros(2), np.zeros(1)]),
        num_rounds=rounds,
    )
    return reports


def changed(change):
    """An app that changes an honest reply."""

    def hostile(honest):
        def call(message, context):
            reply = honest(message, context)
            change(reply)
            return reply

        return call

    return hostile


def config(reply):
    return reply.content.config_records[RECORD]


def test_signed_updates_are_counted_and_signatures_kept(settlement, tmp_path):
    folder = EvidenceFolder(tmp_path)
    reports = play(settlement, rounds=2, evidence=folder)
    for report in reports:
        assert report.excluded == ()
        assert report.accepted == (0, 1, 2)
        posted = Posted(
            venue=VENUE,
            round=report.round,
            block_hash=settlement.opened[report.round - 1].block_hash,
            root=settlement.roots[report.round],
            partaking=3,
            scores=settlement.paid[report.round],
            wallets=tuple(WALLETS),
            supplies=(1, 1, 1),
            score_cap=4,
        )
        verdict = verify_round(posted, folder)
        assert verdict.equal, verdict.faults
        assert verdict.signatures == 3


def forged(reply):
    reply.content["arrays"] = ArrayRecord([np.ones(2), np.zeros(1)])


def stolen(reply):
    reply.content[RECORD] = ConfigRecord({**config(reply), "signature": bytes(65)})


def unsigned(reply):
    del reply.content[RECORD]


def malformed(reply):
    reply.content[RECORD] = ConfigRecord({"signature": "0x1234"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (forged, "over another update"),
        (stolen, "last byte is 0"),
        (unsigned, "no signature"),
        (malformed, "no signature"),
    ],
)
def test_a_reply_that_its_wallet_did_not_sign_is_left_out_by_name(settlement, change, reason):
    (report,) = play(settlement, changed(change))
    assert [(one.client, one.node) for one in report.excluded] == [(HOSTILE, HOSTILE + 1)]
    assert reason in report.excluded[0].reason
    assert report.accepted == (0, 2)
    assert report.contributions[HOSTILE] == 0.0
    assert report.scores == settlement.paid[1]


def test_the_others_are_paid_as_if_it_had_not_answered(new_settlement):
    def silent(_honest):
        def call(message, context):
            raise ConnectionError("gone")

        return call

    (attacked,), (without,) = play(new_settlement(), changed(forged)), play(new_settlement(), silent)
    assert attacked.scores == without.scores
    assert attacked.contributions == without.contributions


@pytest.mark.parametrize(
    ("venue", "reason"),
    [
        (replace(VENUE, chain_id=1), "signed for chain 1"),
        (replace(VENUE, scenario="0x" + "5d" * 20), "signed for the Scenario 0x5d5d"),
    ],
)
def test_a_signature_for_another_federation_is_left_out(settlement, venue, reason):
    (report,) = play(settlement, lambda _: app_of(SignedUpdates(venue, signer)))
    assert reason in report.excluded[0].reason


def test_another_clients_account_cannot_sign(settlement):
    (report,) = play(settlement, lambda _: app_of(SignedUpdates(VENUE, lambda context: ACCOUNTS[0])))
    assert f"signed by {WALLETS[0]}" in report.excluded[0].reason


def kept_from(first, *, relabelled):
    """An app that answers every round with its reply of the first; relabelled, it says it is of this one."""

    def hostile(honest):
        seen = []

        def call(message, context):
            reply = honest(message, context)
            seen.append(RecordDict(reply.content))
            if len(seen) > first:
                old = config(reply)
                reply.content = RecordDict(seen[0])
                if relabelled:
                    claimed = {**old, "signature": seen[0].config_records[RECORD]["signature"]}
                    reply.content[RECORD] = ConfigRecord(claimed)
            return reply

        return call

    return hostile


@pytest.mark.parametrize(
    ("relabelled", "reason"), [(False, "signed for round 1, not for round 2"), (True, "signed by 0x")]
)
def test_a_late_or_replayed_reply_of_an_earlier_round_is_left_out(settlement, relabelled, reason):
    first, second = play(settlement, kept_from(1, relabelled=relabelled), rounds=2)
    assert first.excluded == ()
    assert [one.client for one in second.excluded] == [HOSTILE]
    assert reason in second.excluded[0].reason


def test_a_premature_reply_is_left_out(settlement):
    """Signed before the opening block was known: over a guess."""

    def guessing(honest):
        def call(message, context):
            message.content["config"]["block-hash"] = bytes(32)
            return honest(message, context)

        return call

    (report,) = play(settlement, guessing)
    assert "before the round was open" in report.excluded[0].reason


def test_the_order_of_arrays_in_a_reply_does_not_matter(settlement):
    def reordered(reply):
        record = reply.content.array_records["arrays"]
        reply.content["arrays"] = ArrayRecord(dict(reversed(list(record.items()))))

    (report,) = play(settlement, changed(reordered))
    assert report.excluded == ()


def test_the_first_mod_in_the_list_signs_what_is_sent_and_a_later_one_does_not(new_settlement):
    def noise(message, context, call_next):
        reply = call_next(message, context)
        arrays = [array + 0.01 for array in reply.content.array_records["arrays"].to_numpy_ndarrays()]
        reply.content["arrays"] = ArrayRecord(arrays)
        return reply

    first, last = SignedUpdates(VENUE, signer), noise
    (right,) = play(new_settlement(), lambda _: app_of(first, last))
    assert right.excluded == ()
    (wrong,) = play(new_settlement(), lambda _: app_of(last, first))
    assert "over another update" in wrong.excluded[0].reason


def test_without_a_venue_or_with_wallets_that_do_not_fit_it_is_refused(settlement):
    for options, message in (
        ({"venue": None}, "need a venue"),
        ({"wallets": WALLETS[:2]}, "expected 3 distinct wallets"),
        ({"wallets": [WALLETS[0]] * 3}, "expected 3 distinct wallets"),
        ({"wallets": [*WALLETS[:2], "0x1"]}, "40 hexadecimal digits"),
    ):
        with pytest.raises(ValueError, match=message):
            play(settlement, **options)


def test_signers_that_do_not_fit_are_refused(settlement):
    split = CREDIT.load(3, 0)
    for options, message in (
        ({"signers": ACCOUNTS}, "signed updates need a venue"),
        ({"signers": ACCOUNTS[:2], "venue": VENUE}, "expected 3 signers in join order, got 2"),
    ):
        with pytest.raises(ValueError, match=message):
            run_locally(CREDIT, split, rounds=1, seed=0, settlement=settlement, **options)
    assert settlement.opened == []


def test_a_model_that_evidence_cannot_hold_is_refused_before_the_round_is_open(settlement):
    strategy = Rewarded(
        FedAvg(), settlement=settlement, nodes=[1], assess=Recipe(VALIDATION, "linear-log-loss")
    )
    model = ArrayRecord([np.zeros(2, dtype=complex)])
    with pytest.raises(ValueError, match="array '0' has dtype complex128"):
        strategy.configure_train(1, model, ConfigRecord(), None)
    assert settlement.opened == []


def test_a_server_that_does_not_name_the_round_gets_an_error_and_no_signature():
    app = app_of(SignedUpdates(VENUE, signer))
    grid = LocalGrid(app, {1: {"partition-id": 0}})
    arrays = ArrayRecord([np.zeros(2), np.zeros(1)])
    message = grid.create_message(RecordDict({"arrays": arrays}), "train", 1, "1")
    (reply,) = grid.pull_messages(grid.push_messages([message]))
    assert "which round this is" in reply.error.reason


def test_other_messages_pass_unsigned():
    mod = SignedUpdates(VENUE, signer)
    grid = LocalGrid(app_of(mod), {1: {"partition-id": 0}})
    message = grid.create_message(RecordDict(), "query", 1, "1")
    seen = []
    assert mod(message, None, lambda *given: seen.append(given) or "answer") == "answer"
    assert seen == [(message, None)]


def test_a_full_disk_keeps_the_round_open_and_nothing_is_submitted(settlement, tmp_path, monkeypatch):
    folder = EvidenceFolder(tmp_path)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EvidenceError, match=r"round 1 cannot be written .* No space left"):
        play(settlement, evidence=folder)
    assert len(settlement.opened) == 1
    assert settlement.submitted == {}


def full(_):
    raise OSError(28, "No space left on device")


# --- keys ---


@pytest.fixture(scope="module")
def keystore(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    (folder / "keystore.json").write_text(
        json.dumps(Account.encrypt(ACCOUNTS[0].key, "secret word", kdf="pbkdf2", iterations=1000))
    )
    (folder / "password").write_text("secret word\n")
    return folder


def test_a_keystore_signs(keystore):
    signer = keystore_signer(keystore / "keystore.json", keystore / "password")
    assert signer(None).address == WALLETS[0]
    assert signer(None) is signer(None)


@pytest.mark.parametrize(
    ("store", "password", "message"),
    [
        ("keystore.json", "wrong", "cannot be decrypted"),
        ("keystore.json", "nowhere", "cannot read .*nowhere"),
        ("nowhere", "password", "cannot read .*nowhere"),
        ("password", "password", "is not a text file of its kind"),
        ("empty.json", "password", "cannot be decrypted"),
    ],
)
def test_what_cannot_be_unlocked_is_said_without_telling_a_secret(keystore, caplog, store, password, message):
    (keystore / "wrong").write_text("another word")
    (keystore / "empty.json").write_text("{}")
    signer = keystore_signer(keystore / store, keystore / password)
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match=message) as raised:
        signer(None)
    told = f"{raised.value} {raised.value.__cause__} {caplog.text}"
    for secret in ("secret word", "another word", ACCOUNTS[0].key.hex()):
        assert secret not in told


def test_a_reply_does_not_contain_the_key(settlement):
    seen = []

    def watching(honest):
        def call(message, context):
            reply = honest(message, context)
            seen.append(repr(dict(config(reply))) + str(vars(context)))
            return reply

        return call

    play(settlement, watching)
    key = ACCOUNTS[HOSTILE].key
    assert len(seen) == 1
    assert key.hex() not in seen[0]
    assert repr(bytes(key)) not in seen[0]
