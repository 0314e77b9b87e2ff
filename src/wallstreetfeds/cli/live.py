"""How far a run is, on standard error: a view that moves on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live as Drawing

from wallstreetfeds.cli import interrupts
from wallstreetfeds.cli.board import Board

if TYPE_CHECKING:
    from wallstreetfeds.demo.run import Opening
    from wallstreetfeds.federation import RoundReport
    from wallstreetfeds.sim.recorder import Snapshot

FRAMES_A_SECOND = 4
MOST_LINES = 10
"""Where nothing can move, at most so many rounds of a run are told of."""


class Live:
    """Tells how far a run is; satisfies `demo.run.Observer`.

    On a terminal it draws on the alternate screen, which leaves what was there before as it was, whatever
    ends the run.  `quiet` tells nothing at all.
    """

    def __init__(self, rounds: int, *, quiet: bool, console: Console | None = None) -> None:
        self._console = console if console is not None else Console(stderr=True, quiet=quiet)
        self._quiet = quiet
        self._rounds = rounds
        self._board = Board(rounds, time.monotonic())
        moving = not quiet and self._console.is_terminal and not self._console.is_dumb_terminal
        if console is None:
            moving = moving and sys.stderr.isatty()
        self._drawing = (
            Drawing(self._board, console=self._console, screen=True, refresh_per_second=FRAMES_A_SECOND)
            if moving
            else None
        )

    def __enter__(self) -> Self:
        if self._drawing is not None:
            self._drawing.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawing is not None:
            self._drawing.stop()

    def stage(self, text: str) -> None:
        """Name the stage that begins."""
        interrupts.check()
        self._board.stage = text
        self._tell(f"{text} ...")

    def market_open(self, opening: Opening, snapshot: Snapshot) -> None:
        """Show the clients and their first prices."""
        interrupts.check()
        self._board.market_open(opening, snapshot)
        self._tell("")

    def round_done(self, report: RoundReport, snapshot: Snapshot) -> None:
        """Show what a round has brought."""
        interrupts.check()
        self._board.round_done(report, snapshot, time.monotonic())
        every = -(-self._rounds // MOST_LINES)
        if report.round % every == 0 or report.round == self._rounds:
            self._tell(self._board.sentence())
        else:
            self._tell("")

    def _tell(self, line: str) -> None:
        if self._drawing is not None:
            self._drawing.refresh()
        elif line and not self._quiet:
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)
