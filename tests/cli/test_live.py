"""The live view: fits a terminal of 80 by 24 at any size, tells little elsewhere, leaves no trace."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from wallstreetfeds.cli.board import Board, mark
from wallstreetfeds.cli.live import Live
from wallstreetfeds.demo.run import Opening
from wallstreetfeds.federation import RoundReport
from wallstreetfeds.federation.screening import Exclusion
from wallstreetfeds.sim.recorder import Snapshot

WIDTH, HEIGHT = 80, 24
QUALITIES = ("good", "noisy-labels", "free-rider")
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def opening(clients: int) -> Opening:
    return Opening(
        task="lending-club",
        metric="log-loss",
        seed=123456,
        scenario="0x" + "aB" * 20,
        chain_id=131277322940537,
        budget=1_000_000.0,
        names=tuple(f"lender-{k + 1:02d}" for k in range(clients)),
        qualities=tuple(QUALITIES[k % 3] for k in range(clients)),
    )


def snapshot(clients: int, opened: int = 0, price: float = 0.1) -> Snapshot:
    return Snapshot(opened, np.full(clients, price), np.full(clients, 0.1), np.ones(clients + 1))


def report(clients: int, number: int, **changes: Any) -> RoundReport:
    weights = np.arange(clients, 0, -1) / (clients * (clients + 1) / 2)
    values: dict[str, Any] = {
        "round": number,
        "server_round": number,
        "scores": tuple(int(w * 10**9) for w in weights),
        "score_shares": tuple(float(w) for w in weights),
        "contributions": tuple(float(w) for w in weights),
        "standard_errors": None,
        "utility_before": -0.7 + 0.01 * number,
        "utility_after": -0.69 + 0.01 * number,
        "evaluations": 8,
        "seed": None,
        "accepted": tuple(range(clients)),
        "excluded": (),
        "evidence_root": b"\0" * 32,
        "training_seconds": 0.1,
        "assessment_seconds": 0.1,
    }
    return RoundReport(**{**values, **changes})


def drawn(board: Board, width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), record=True, legacy_windows=False)
    console.print(board, height=height)
    return console.export_text().rstrip("\n").split("\n")


def played(clients: int, rounds: int = 10, done: int = 3) -> Board:
    board = Board(rounds, 0.0)
    board.stage = "Learning"
    board.market_open(opening(clients), snapshot(clients))
    for number in range(1, done + 1):
        board.round_done(report(clients, number), snapshot(clients, number), 1.0 * number)
    return board


@pytest.mark.parametrize("clients", [2, 3, 10, 14, 15, 50, 64])
@pytest.mark.parametrize("done", [0, 1, 3, 10])
def test_it_fits_80_by_24(clients, done):
    lines = drawn(played(clients, done=done))
    assert len(lines) <= HEIGHT
    assert max(map(len, lines)) <= WIDTH
    assert all(part in "\n".join(lines) for part in ("WallStreetFeds", "lending-club", "Learning", "fair"))
    assert f"Round {done}/10" in lines[2]


@pytest.mark.parametrize(("width", "height"), [(60, 15), (100, 40), (200, 60)])
def test_it_fits_other_terminals(width, height):
    lines = drawn(played(50), width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_ten_clients_are_all_there_in_join_order():
    text = "\n".join(drawn(played(10)))
    places = [text.index(f"lender-{k:02d}") for k in range(1, 11)]
    assert places == sorted(places)
    assert "more between" not in text


@pytest.mark.parametrize("clients", [15, 50, 64])
def test_of_more_the_best_and_the_last_are_shown_and_the_rest_counted(clients):
    text = "\n".join(drawn(played(clients)))
    shown = [k for k in range(1, clients + 1) if f"lender-{k:02d} " in text]
    assert f"{clients - len(shown)} more between" in text
    assert shown[0] == 1
    assert shown[-1] == clients


def test_shares_prices_and_marks():
    board = played(3, done=1)
    board.round_done(report(3, 2), snapshot(3, 2, price=0.2), 2.0)
    line = next(line for line in drawn(board) if "lender-01" in line)
    assert "0.500" in line
    assert "0.2000 ▲ 0.1000" in line
    assert [mark(price, 1.0).plain for price in (1.2, 1.02, 0.98, 0.8)] == ["▲", "=", "=", "▼"]


def test_after_the_last_round_nothing_has_a_price():
    board = played(3, done=10)
    board.round_done(report(3, 10), snapshot(3, 10, price=0.0), 11.0)
    line = next(line for line in drawn(board) if "lender-01" in line)
    assert line.rstrip().endswith("-")


def test_who_did_not_count_is_shown_with_the_reason():
    board = played(3, done=1)
    excluded = (Exclusion(1, 2, "error: ValueError: out of memory"), Exclusion(None, 99, "nobody"))
    board.round_done(report(3, 2, excluded=excluded), snapshot(3, 2), 2.0)
    line = next(line for line in drawn(board) if "lender-02" in line)
    assert "error: Valu" in line


def test_a_round_in_which_nobody_scored_counts_equally():
    board = played(2, done=0)
    board.round_done(report(2, 1, scores=(0, 0), score_shares=(0.0, 0.0)), snapshot(2, 1), 1.0)
    line = next(line for line in drawn(board) if "lender-02" in line)
    assert "0.000 0.500" in line


def test_before_the_market_opens_there_is_a_header_and_a_stage():
    board = Board(10, 0.0)
    board.stage = "Opening the federation on chain"
    assert "Opening the federation on chain" in "\n".join(drawn(board))


def follow(live: Live, rounds: int) -> None:
    live.stage("Learning")
    live.market_open(opening(3), snapshot(3))
    for number in range(1, rounds + 1):
        live.round_done(
            report(3, number),
            snapshot(3, number),
        )


def test_quiet_says_nothing():
    console = Console(file=io.StringIO(), force_terminal=True)
    with Live(3, quiet=True, console=console) as live:
        follow(live, 3)
    assert console.file.getvalue() == ""


@pytest.mark.parametrize(("rounds", "lines"), [(3, 4), (10, 11), (256, 11)])
def test_where_nothing_can_move_there_are_a_few_plain_lines(rounds, lines):
    console = Console(file=io.StringIO(), force_terminal=False, width=80)
    with Live(rounds, quiet=False, console=console) as live:
        follow(live, rounds)
    told = console.file.getvalue()
    assert "\x1b" not in told
    assert told.count("\n") == lines
    assert f"Round {rounds}/{rounds}: log-loss" in told


def test_on_a_terminal_the_screen_is_given_back_whatever_happens():
    console = Console(
        file=io.StringIO(), force_terminal=True, width=WIDTH, height=HEIGHT, legacy_windows=False
    )
    live = Live(3, quiet=False, console=console)
    with suppress(KeyboardInterrupt), live:
        follow(live, 2)
        raise KeyboardInterrupt
    told = console.file.getvalue()
    assert told.index(ENTER) < told.index("lender-01") < told.index(LEAVE)
    assert told.rstrip("\n").endswith("\x1b[?25h") or told.rindex("\x1b[?25h") > told.rindex("\x1b[?25l")
    assert "\x1b[2J" not in told  # never cleared: it would flicker
