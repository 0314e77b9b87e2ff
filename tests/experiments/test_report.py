"""Numbers in prose come from tables: what is filled in, what is refused, what is found missing."""

import pytest

from wallstreetfeds.experiments.report import (
    as_text,
    looked_up,
    markdown_table,
    refreshed,
    unsourced,
    with_interval,
)

TABLES = {
    "pay": [
        {"attack": "copy", "method": "equal", "paid": [0.1254, 0.1, 0.2], "seeds": 10},
        {"attack": "copy", "method": "shapley", "paid": [-0.0001, -0.01, 0.01], "seeds": 10},
        {"attack": "none", "method": "shapley", "paid": None, "seeds": 10},
        {"attack": "copy", "method": "shapley, capped", "paid": [0.25, 0.2, 0.3], "seeds": 10},
    ]
}
QUOTE = "<!-- pay: attack=copy, method=equal: paid -->"


def test_a_quote_takes_its_number_from_the_table():
    assert refreshed(f"It got 9.9 %{QUOTE}.", TABLES, {}) == f"It got 12.5 %{QUOTE}."


def test_a_quote_keeps_its_decimals_and_its_unit():
    assert refreshed(f"0.00{QUOTE}", TABLES, {}) == f"0.13{QUOTE}"
    assert refreshed(f"7{QUOTE}", TABLES, {}) == f"0{QUOTE}"


def test_a_name_may_have_a_comma_in_it():
    quote = "<!-- pay: attack=copy, method=shapley, capped: paid -->"
    assert refreshed(f"0 %{quote}", TABLES, {}) == f"25 %{quote}"


def test_ends_of_an_interval_can_be_quoted():
    quote = "<!-- pay: attack=copy, method=equal: paid.high -->"
    assert refreshed(f"0 %{quote}", TABLES, {}) == f"20 %{quote}"


def test_nothing_is_quoted_as_minus_zero():
    quote = "<!-- pay: attack=copy, method=shapley: paid -->"
    assert refreshed(f"1.0 %{quote}", TABLES, {}) == f"0.0 %{quote}"


def test_a_block_is_written_anew():
    text = "<!-- block: one -->\nold\nlines\n<!-- end -->\n5.5"
    assert refreshed(text, TABLES, {"one": "new"}) == "<!-- block: one -->\nnew\n<!-- end -->\n5.5"


def test_a_report_that_is_up_to_date_stays_as_it_is():
    text = f"12.5 %{QUOTE} and <!-- block: one -->\nnew\n<!-- end -->"
    assert refreshed(text, TABLES, {"one": "new"}) == text


@pytest.mark.parametrize(
    ("table", "where", "cell"),
    [
        ("none", "attack=copy", "paid"),
        ("pay", "attack=copy", "paid"),
        ("pay", "attack=theft", "paid"),
        ("pay", "attack=copy, method=equal", "loss"),
        ("pay", "attack=none", "paid"),
    ],
)
def test_a_quote_without_exactly_one_source_is_refused(table, where, cell):
    with pytest.raises(ValueError, match="no single number"):
        looked_up(TABLES, table, where, cell)


def test_a_block_without_a_source_is_refused():
    with pytest.raises(ValueError, match="block 'two'"):
        refreshed("<!-- block: two -->\n<!-- end -->", TABLES, {"one": ""})


def test_numbers_without_a_source_are_found():
    text = f"12.5 %{QUOTE}, 3.7 and 40 %; <!-- block: one -->\n9.9\n<!-- end -->"
    assert unsourced(text) == ["3.7", "40 %"]
    assert unsourced("ten seeds, 8 clients, arXiv 2405.08044") == []


def test_results_are_json_with_a_row_a_line():
    import json

    results = {"experiment": "x", "seeds": [1, 2], "tables": TABLES}
    text = as_text(results)
    assert json.loads(text) == results
    assert text.count('"attack"') == len([line for line in text.splitlines() if '"attack"' in line])


def test_tables_and_intervals_are_written_plainly():
    assert markdown_table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
    assert with_interval([0.125, -0.00001, 1.0], 1, 100.0) == "12.5 [0.0, 100.0]"
    assert with_interval(None, 2) == "-"
