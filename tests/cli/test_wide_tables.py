"""Tables in a terminal: nothing is cut, rows keep their names, what is empty is not shown."""

from __future__ import annotations

import io

from rich.console import Console

from wallstreetfeds.cli.wide_tables import print_tables
from wallstreetfeds.experiments.report import markdown_table

CURVES = ["constant-mean", "constant-mean-record"]


def printed(heads, rows, width=80):
    console = Console(file=io.StringIO(), width=width)
    print_tables(console, {"prices": markdown_table(heads, rows)})
    return console.file.getvalue()


def words(text):
    return text.replace("\n", " ").split()


def test_a_table_that_fits_is_printed_once():
    text = printed(["curve", "error, %"], [["clock", "1.5 [1.0, 2.0]"]])
    assert words(text) == ["prices", "error,", "curve", "%", "clock", "1.5"]


def test_a_wide_table_is_several_each_with_the_names_of_the_rows():
    heads = ["curve", *(f"measurement-{number}" for number in range(9))]
    text = printed(heads, [[curve, *"123456789"] for curve in CURVES])
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert set(heads) <= set(words(text))
    assert "prices, 1 of 3" in text
    assert [words(text).count(curve) for curve in CURVES] == [3, 3]


def test_rows_that_differ_only_in_a_later_column_repeat_that_one_too():
    heads = ["clients", "hot", *(f"measurement-{number}" for number in range(9))]
    text = printed(heads, [["hold", hot, *"123456789"] for hot in ("none", "much")])
    assert [words(text).count(hot) for hot in ("none", "much")] == [3, 3]


def test_columns_that_only_make_sense_together_stay_together():
    heads = ["curve", "none: mean-error", "largest-error", "value: mean-error", "largest-error"]
    text = printed(heads, [[CURVES[0], "11", "12", "21", "22"]], width=50)
    second = text.partition("2 of 2")[2]
    assert words(second)[-3:] == ["constant-mean", "21", "22"]


def test_a_long_name_is_folded_between_its_words_where_there_is_no_room():
    name = "static, trading after the last payment: measured"
    text = printed(["rule", "noise"], [[name, "0.5"]])
    assert name in text
    text = printed(["rule", "noise"], [[name, "0.5"]], width=40)
    assert name not in text
    assert set(name.split()) <= set(words(text))


def test_a_table_without_rows_is_passed_over():
    assert printed(["curve", "error"], []) == ""


def test_on_a_terminal_narrower_than_a_name_it_is_folded():
    text = printed(["curve", "measurement"], [["abcdefghijklmnopqrstuvwxyz", "1.5"]], width=16)
    assert {letter for letter in text if letter.isalpha()} == set("abcdefghijklmnopqrstuvwxyz")
    assert "1.5" in text
