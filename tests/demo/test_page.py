"""`report.html`: everything in it, nothing fetched, whatever the size of the run."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from wallstreetfeds.demo.page import page
from wallstreetfeds.demo.panels import _stairs
from wallstreetfeds.demo.sentences import headings

FIGURES = ("shares", "rewards", "liquidity", "metric")
EMPTY = {"meta", "br", "link", "img", "input", "hr"}


class Reader(HTMLParser):
    """Collects attributes and checks that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in {"href", "xlink:href", "src", "action", "srcset"}:
                self.links.append(value)
            if name == "aria-label":
                self.labels.append(value)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="session")
def pages(run, many):
    return {"small": page(run.result, "wsf demo --seed 3 --out <folder>"), "large": page(many, "wsf demo")}


@pytest.fixture
def small(pages):
    return pages["small"]


@pytest.fixture
def large(pages):
    return pages["large"]


@pytest.mark.parametrize("size", ["small", "large"])
def test_nothing_is_fetched(pages, size):
    html = pages[size]
    assert not re.findall(r"(?<!xmlns=\")(?<!xmlns:xlink=\")https?://", html)
    assert "<script" not in html
    assert "@import" not in html
    assert "url(" not in html.replace("url(#", "")
    assert all(link.startswith("#") for link in read(html).links)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("size", ["small", "large"])
def test_parts_of_figures_have_names_of_their_own(pages, size):
    reader = read(pages[size])
    assert [name for name, times in Counter(reader.ids).items() if times > 1] == []
    assert {link[1:] for link in reader.links} <= set(reader.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", pages[size])) <= set(reader.ids)


@pytest.mark.parametrize(("size", "clients"), [("small", 3), ("large", 50)])
def test_every_client_and_every_figure_is_there(pages, size, clients):
    html = pages[size]
    reader = read(html)
    words = " ".join(reader.text)
    for k in range(clients):
        # In the table, on a panel, in the heat map and in the bars (both widths).
        assert words.count(f"lender-{k + 1:02d}") >= 6
        assert f'id="price-{k}-' in html
    for figure in FIGURES:
        assert f'id="{figure}-1040-' in html
        assert f'id="{figure}-400-' in html
    assert len(reader.labels) == clients + 2 * len(FIGURES)


def test_headings_and_money_and_facts_are_there(run, small):
    words = " ".join(read(small).text)
    for heading in headings(run.result).values():
        assert heading in words
    money = run.result.conservation
    for amount in (money.escrow, money.claimed, money.claimable, money.dust):
        assert f"{amount // 10**6:,}.{amount % 10**6:06d}" in words
    assert "Every unit is accounted for" in words
    assert "wsf demo --seed 3 --out <folder>" in words
    assert f"{run.result.gas:,}" in words
    assert run.result.scenario in words
    assert "exact Shapley values" in words
    for name, number in run.result.facts.versions.items():
        assert f"{name} {number}" in words


def test_qualities_are_told_apart_by_sign_colour_and_word(small):
    assert "● good" in small
    assert "▲ noisy labels" in small
    assert 'class="noisy-labels"' in small


def test_who_did_not_count_is_named_and_why_and_nothing_is_markup(large):
    assert "values that are &lt;not&gt; finite" in large
    assert "Replies that did not count" in large


def test_estimates_are_called_estimates(large, small):
    assert "sampled" in large
    assert "standard error is at most 0.001" in large
    assert "standard error" not in small


def test_books_that_do_not_balance_are_not_praised(run):
    money = replace(run.result.conservation, balanced=False, discrepancies=("escrow: 1, expected 2",))
    html = page(replace(run.result, conservation=money), "wsf demo")
    assert "The books do not balance:" in html
    assert "escrow: 1, expected 2" in html
    assert "Every unit is accounted for" not in html


def test_a_run_with_rounds_to_come_says_so(run):
    result = run.result
    liquidity = replace(
        result.liquidity, provided=result.liquidity.provided[:-1], held=result.liquidity.held[:-1]
    )
    html = page(replace(result, series=result.series[:-1], liquidity=liquidity), "wsf demo --keep")
    assert "2 of 3 rounds" in html


def test_one_round_and_two_clients_can_be_drawn(run):
    result = run.result
    lists = ("scores", "score_shares", "contributions", "rewards", "prices", "fair")
    first = replace(result.series[0], **{name: getattr(result.series[0], name)[:2] for name in lists})
    liquidity = replace(
        result.liquidity, provided=result.liquidity.provided[:3], held=result.liquidity.held[:3]
    )
    tiny = replace(result, rounds=1, clients=result.clients[:2], series=(first,), liquidity=liquidity)
    assert read(page(tiny, "wsf demo")).labels


def test_a_long_run_is_drawn_in_bounded_size(run, enlarge):
    assert len(page(enlarge(run.result, 3, 256), "wsf demo")) < 1_500_000


def test_headings_follow_the_figures(run):
    result = run.result
    assert "below holding" in headings(result)["liquidity"]
    better = replace(
        result.liquidity, provided=[*result.liquidity.held[:-1], result.liquidity.held[-1] * 1.1]
    )
    assert "10.0 % above holding" in headings(replace(result, liquidity=better))["liquidity"]
    assert "falls" in headings(result)["metric"]
    assert "rises" in headings(replace(result, metric_last=9.0))["metric"]


def test_a_price_falls_at_a_record_date_and_not_before_the_round_has_opened():
    """Three rounds; nothing is traded, so a price only follows the schedule: 3, 2, 1, 0."""
    x, price = _stairs(3.0, [3.0, 2.0, 1.0], 3, 3)
    assert dict(zip(x, price, strict=True)) == {0: 3, 0.5: 3, 1: 2, 1.5: 2, 2: 1, 2.5: 1, 3: 0}
    x, price = _stairs(3.0, [3.0, 2.0, 1.0], 2, 3)
    assert (x[-1], price[-1]) == (3, 1)
