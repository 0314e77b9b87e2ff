"""`rounds.parquet` and `events.parquet`: the same figures as in the result and on the chain."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wallstreetfeds.chain import read_events
from wallstreetfeds.demo import parquet
from wallstreetfeds.records import EVENTS, AssetListed, ScoresSubmitted


def table(content):
    return pq.read_table(io.BytesIO(content))


@pytest.fixture(scope="session")
def events(run):
    return table(parquet.events(run.result))


@pytest.fixture(scope="session")
def rounds(run):
    return table(parquet.rounds(run.result))


def test_a_row_a_round_and_client(run, rounds):
    assert rounds.num_rows == 9
    places = list(zip(rounds["round"].to_pylist(), rounds["client"].to_pylist(), strict=True))
    assert places == [(r, k) for r in (1, 2, 3) for k in (0, 1, 2)]


def test_rounds_hold_what_the_json_holds(run, rounds):
    told = run.result.as_json()
    for row in rounds.to_pylist():
        client, round_ = told["clients"][row["client"]], told["series"][row["round"] - 1]
        k = row["client"]
        assert (row["name"], row["quality"]) == (client["name"], client["quality"])
        assert (row["pot"], row["metric"]) == (round_["pot"], round_["metric"])
        assert row["reward"] == round_["rewards"][k]
        assert row["score"] == round_["scores"][k]
        assert row["score_share"] == round_["score_shares"][k]
        assert row["contribution"] == round_["contributions"][k]
        assert (row["price"], row["fair"]) == (round_["prices"][k], round_["fair"][k])
        assert row["standard_error"] is None
        assert row["excluded"] is None


def test_rewards_of_a_round_are_its_pot(rounds):
    for number in (1, 2, 3):
        rows = [row for row in rounds.to_pylist() if row["round"] == number]
        assert sum(int(row["reward"]) for row in rows) == int(rows[0]["pot"])


def test_rounds_say_who_did_not_count_and_how_sure_an_estimate_is(many):
    rows = table(parquet.rounds(many)).to_pylist()
    assert len(rows) == 400
    assert {row["standard_error"] for row in rows} == {0.001}
    out = [(row["round"], row["client"], row["excluded"]) for row in rows if row["excluded"]]
    assert out == [(2, 49, "values that are <not> finite")]


def test_events_are_those_on_the_chain_row_for_row(run, events):
    contracts = list(run.result.contracts)
    chain = read_events(run.session, contracts, 0)
    rows = events.to_pylist()
    assert len(rows) == len(chain) > 100
    for row, record in zip(rows, chain, strict=True):
        assert row["event"] == type(record).__name__
        assert (row["block"], row["log_index"], row["contract"]) == (
            record.block,
            record.log_index,
            record.contract,
        )
        assert int(row["timestamp"].timestamp()) == record.timestamp
        for name in type(record).__dataclass_fields__.keys() - {"timestamp"}:
            value = getattr(record, name)
            cell = row["client_index" if isinstance(record, AssetListed) and name == "client" else name]
            if isinstance(value, tuple):
                assert [int(item) for item in cell] == list(value)
            else:
                assert (int(cell) if isinstance(value, int) else cell) == value


def test_every_contract_of_the_federation_has_events_and_a_name(run, events):
    named = {(row["kind"], row["name"]) for row in events.to_pylist()}
    assert named == {
        ("Orchestrator", "orchestrator"),
        ("Numeraire", "numeraire"),
        ("Scenario", "scenario"),
        ("Challenges", "challenges"),
        ("Pool", "pool"),
        ("ClientToken", "lender-01"),
        ("ClientToken", "lender-02"),
        ("ClientToken", "lender-03"),
    }


def test_the_books_can_be_kept_from_the_file_alone(run, events):
    rows = events.to_pylist()
    claimed = sum(int(row["amount"]) for row in rows if row["event"] == "Claimed")
    funded = sum(int(row["amount"]) for row in rows if row["event"] in ("BudgetFunded", "BondEscrowed"))
    assert claimed == run.result.conservation.claimed
    assert funded == run.result.conservation.deposited


def test_amounts_are_decimal_strings_and_the_schema_says_so(events, rounds):
    for name in ("amount", "amount_in", "amount_out", "fee", "pot", "rho", "shares", "supply"):
        assert events.schema.field(name).type == pa.string()
    assert events.schema.field("amounts").type == pa.list_(pa.string())
    assert events.schema.field("round").type == pa.int64()
    assert rounds.schema.field("reward").type == pa.string()
    assert b"decimal strings" in events.schema.metadata[b"uint256"]
    assert b"amount_in" in events.schema.metadata[b"uint256"]
    assert b"decimal strings" in rounds.schema.metadata[b"uint256"]


def test_there_is_a_column_for_every_field_of_every_event(events):
    for kind in EVENTS.values():
        assert set(kind.__dataclass_fields__) <= set(events.column_names)


def test_scores_are_numbers_and_listings_name_their_client(run, events):
    rows = events.to_pylist()
    (first, *_) = [row["scores"] for row in rows if row["event"] == ScoresSubmitted.__name__]
    assert first == run.result.series[0].scores[: len(first)]
    assert not any(run.result.series[0].scores[len(first) :])
    listed = [(row["asset"], row["client_index"]) for row in rows if row["event"] == AssetListed.__name__]
    assert listed == [(1, 0), (2, 1), (3, 2)]
