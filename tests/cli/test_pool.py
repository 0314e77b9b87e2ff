"""`wsf pool` on a kept run: quotes whose parts are told apart, trades both ways, refusals in one message."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from wallstreetfeds.chain.kept import KeptRun, KeptRunError


def units(entry):
    return int(entry["units"])


def test_a_quote_tells_fee_impact_and_tolerance_apart(wsf):
    quote = wsf("pool", "quote", "--buy", "lender-01", "--spend", "100", "--json").json
    assert quote["amount_in"] == {"units": "100000000", "decimals": 6}
    assert quote["amount_out"]["decimals"] == 12
    assert quote["fee"] == {"units": "300000", "decimals": 6, "percent": "0.3000"}
    assert quote["tolerance"]["percent"] == "0.5000"
    assert Decimal(quote["price_impact"]["percent"]) > 0
    assert units(quote["min_amount_out"]) == -(-units(quote["amount_out"]) * 995 // 1000)
    text = wsf("pool", "quote", "--buy", "lender-01", "--spend", "100").out
    for words in ("exactly 100.000000 DEMO", "would give", "price impact", "0.5000 %", "Refused below"):
        assert words in text


def test_exact_out_bounds_what_enters(wsf):
    quote = wsf("pool", "quote", "--buy", "lender-01", "--amount", "10.5", "--json").json
    assert quote["exact"] == "out"
    assert quote["amount_out"] == {"units": "10500000000000", "decimals": 12}
    assert units(quote["max_amount_in"]) == units(quote["amount_in"]) * 1005 // 1000
    assert "Refused above" in wsf("pool", "quote", "--sell", "lender-01", "--receive", "1").out


def test_tokens_trade_for_tokens(wsf):
    quote = wsf("pool", "quote", "--sell", "lender-01", "--amount", "1", "--for", "lender-02", "--json").json
    assert (quote["asset_in"], quote["asset_out"]) == ("lender-01", "lender-02")
    back = wsf("pool", "quote", "--buy", "lender-02", "--spend", "1", "--with", "lender-01", "--json").json
    assert back["amount_out"] == quote["amount_out"]


def test_bought_and_sold_both_ways(wsf):
    you = ("--as", "you", "--json")
    bought = wsf("pool", "buy", "lender-01", "--spend", "100", *you).json
    assert bought["amount_out"] == bought["quote"]["amount_out"]
    assert bought["gas_used"] > 0
    exact = wsf("pool", "buy", "lender-02", "--amount", "50", *you).json
    assert exact["amount_out"]["units"] == "50000000000000"
    sold = wsf("pool", "sell", "lender-02", "--amount", "50", *you).json
    assert units(sold["amount_out"]) < units(exact["amount_in"])
    got = wsf("pool", "sell", "lender-01", "--receive", "5", *you).json
    assert got["amount_out"]["units"] == "5000000"
    said = wsf("pool", "sell", "lender-01", "--receive", "5", "--as", "you").out
    assert "and got 5.000000 DEMO." in said


def test_what_a_trade_has_done_is_saved(wsf, kept):
    before = kept.run.newest()
    block = wsf("pool", "buy", "lender-03", "--spend", "1", "--as", "you", "--json").json["block"]
    after = kept.run.newest()
    assert after.number == before.number + 1
    assert after.block == block


def test_the_market_is_shown(wsf):
    shown = wsf("pool", "show", "--json").json
    assert [entry["asset"] for entry in shown["assets"]] == ["DEMO", "lender-01", "lender-02", "lender-03"]
    assert (shown["finalized"], shown["rounds"], shown["swap_fee"]) == (3, 4, "0.3000")
    assert all(Decimal(entry["price"]) > 0 for entry in shown["assets"][1:])
    assert "Round 3 of 4 is paid; the fee is 0.3000 %." in wsf("pool", "show").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["quote", "--buy", "lender-01", "--spend", "-1"], "--spend is -1"),
        (["quote", "--buy", "lender-01", "--spend", "NaN"], "--spend is NaN"),
        (["quote", "--buy", "lender-01", "--spend", "Infinity"], "--spend is Infinity"),
        (["quote", "--buy", "lender-01", "--spend", "ten"], "--spend is ten"),
        (["quote", "--buy", "lender-01", "--spend", "0"], "--spend is 0"),
        (["quote", "--buy", "lender-01", "--spend", "0.0000001"], "--spend is 0.0000001"),
        (["quote", "--buy", "lender-01", "--spend", "1e90"], "DemoNumeraire|Pool.quote_exact_in"),
        (["quote", "--buy", "lender-01", "--spend", "1e20"], "Pool refused: more than 30% of a balance"),
        (["quote", "--buy", "lender-01"], "how much?"),
        (["quote", "--buy", "lender-01", "--spend", "1", "--amount", "1"], "how much?"),
        (["quote", "--sell", "lender-01", "--amount", "1", "--receive", "1"], "how much?"),
        (["quote", "--buy", "lender-01", "--spend", "1", "--receive", "1"], "--receive does not go with"),
        (["quote", "--spend", "1"], "buy or sell?"),
        (["quote", "--buy", "lender-01", "--sell", "lender-02", "--amount", "1"], "buy or sell?"),
        (["quote", "--buy", "lender-09", "--spend", "1"], "nothing called 'lender-09' is traded here"),
        (["quote", "--buy", "lender-01", "--spend", "1", "--tolerance", "51"], "--tolerance is 51"),
        (["quote", "--buy", "lender-01", "--spend", "1", "--tolerance", "-1"], "--tolerance is -1"),
        (["quote", "--buy", "lender-01", "--spend", "1", "--tolerance", "nan"], "--tolerance is nan"),
        (
            ["quote", "--buy", "lender-01", "--spend", "1", "--with", "lender-01"],
            "Pool refused: one asset for itself",
        ),
        (["buy", "lender-01", "--spend", "1"], "whose account?"),
        (["buy", "lender-01", "--spend", "1", "--as", "nobody"], "nobody is called 'nobody' here"),
        (["buy", "lender-01", "--spend", "1", "--as", "0x" + "12" * 20], "there is no key for 0x1212"),
        (["buy", "lender-01", "--spend", "1", "--as", "you", "--deadline", "0"], "--deadline is 0"),
        (
            ["buy", "lender-01", "--spend", "1", "--as", "federator"],
            "federator has too little: 1.000000 DEMO",
        ),
        (["show", "--scenario", "0x" + "12" * 20], "--scenario without --rpc"),
        (["show", "--rpc", "http://127.0.0.1:1"], "no Ethereum node answers at http://127.0.0.1:1"),
    ],
)
def test_bad_input_is_refused_in_one_message(wsf, kept, arguments, message):
    block = kept.node.request("eth_blockNumber")
    done = wsf("pool", *arguments)
    assert done.code == 1
    assert done.out == ""
    assert any(words in done.err for words in message.split("|"))
    told = wsf("pool", *arguments, "--json")
    assert told.code == 1
    assert any(words in json.loads(told.out)["error"] for words in message.split("|"))
    assert told.err == ""
    assert kept.node.request("eth_blockNumber") == block


def test_any_federation_on_any_node_can_be_named(wsf, kept):
    node, scenario = kept.node.url, kept.run.read().scenario
    here = ("--rpc", node, "--scenario", scenario)
    named = wsf("pool", "quote", "--buy", "lender-01", "--spend", "1", "--json", *here).json
    own = wsf("pool", "quote", "--buy", "lender-01", "--spend", "1", "--json").json
    assert named == own
    assert wsf("pool", "buy", "lender-01", "--spend", "1", "--as", "you", *here).code == 0
    stranger = wsf("pool", "buy", "lender-01", "--spend", "1", "--as", "lender-01", "--seed", "7", *here)
    assert "there is no key for lender-01 here" in stranger.err
    nothing = wsf("pool", "show", "--rpc", node, "--scenario", "0x" + "12" * 20)
    assert "there is no Scenario at 0x1212" in nothing.err
    assert "--scenario is 0x12" in wsf("pool", "show", "--rpc", node, "--scenario", "0x12").err


def test_a_trade_that_cannot_be_saved_is_one_object_with_the_error(wsf, kept, monkeypatch):
    def full(*_arguments, **_names):
        raise KeptRunError("cannot write: no space left on device")

    monkeypatch.setattr(KeptRun, "save_trade", full)
    done = wsf("pool", "buy", "lender-01", "--spend", "1", "--as", "you", "--json")
    assert done.code == 1
    answer = done.json
    assert answer["amount_in"]
    assert "done, but not saved" in answer["error"]
