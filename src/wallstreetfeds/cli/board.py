"""What the live view shows: header, progress, model, and one line a client, in whatever room there is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.bar import Bar
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from wallstreetfeds.cli.sparkline import heights, sparkline

if TYPE_CHECKING:
    from wallstreetfeds.demo.run import Opening
    from wallstreetfeds.federation import RoundReport
    from wallstreetfeds.sim.recorder import Snapshot

STYLES: Final = {"good": "blue", "noisy-labels": "red", "free-rider": "yellow"}
OTHER_LINES: Final = 10
"""Lines of the view that are not a client's."""

BAR: Final = 20
NEAR: Final = 0.05
"""A price less than this from fair value, relatively, is marked as fair."""


class Board:
    """The state of a run as a renderable that fits the height it is given.

    Times are seconds of `time.monotonic`.
    """

    def __init__(self, rounds: int, started: float) -> None:
        self.stage = "Starting"
        self._rounds = rounds
        self._started = started
        self._opening: Opening | None = None
        self._opened = started
        self._paid = started
        self._report: RoundReport | None = None
        self._snapshot: Snapshot | None = None
        self._metrics: list[float] = []
        self._shares: list[float] = []
        self._reasons: dict[int, str] = {}

    def market_open(self, opening: Opening, snapshot: Snapshot) -> None:
        """Learn who takes part and what their tokens cost."""
        self._opening, self._snapshot = opening, snapshot
        self._opened = self._paid = time.monotonic()
        self._shares = [0.0] * len(opening.names)

    def round_done(self, report: RoundReport, snapshot: Snapshot, now: float) -> None:
        """Learn what a round has brought."""
        if self._opening is None:
            raise RuntimeError("a round before the market has opened")
        if not self._metrics:
            self._metrics.append(-report.utility_before)
        self._metrics.append(-report.utility_after)
        self._report, self._snapshot, self._paid = report, snapshot, now
        # Nobody scored: the contracts split the pot equally.
        equal = [1 / len(self._shares)] * len(self._shares)
        last = report.score_shares if any(report.scores) else equal
        self._shares = [a + b for a, b in zip(self._shares, last, strict=True)]
        self._reasons = {e.client: e.reason for e in report.excluded if e.client is not None}

    def sentence(self) -> str:
        """Return the last round in one line of plain text."""
        done = self._report.round if self._report is not None else 0
        name = self._opening.metric if self._opening is not None else ""
        metric = f": {name} {self._metrics[-1]:.4f}" if self._metrics else ""
        return f"Round {done}/{self._rounds}{metric} ({_clock(self._paid - self._started)})"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or console.size.height
        parts: list[RenderableType] = [self._header(), self._progress(time.monotonic()), self._model(), ""]
        if self._opening is not None and self._snapshot is not None:
            parts += [
                self._clients(max(2, height - OTHER_LINES), options.max_width),
                "",
                _line(
                    Text("▲ dearer, ▼ cheaper than fair value by over 5 %", style="dim"),
                    Text("Ctrl-C stops", style="dim"),
                ),
            ]
        yield Group(*parts)

    # --- parts ---

    def _header(self) -> RenderableType:
        title, where = Text("WallStreetFeds", style="bold"), Text(style="dim")
        if (o := self._opening) is not None:
            clients = f"{len(o.names)} clients"
            title.append(f"  {o.task}, {clients}, seed {o.seed}, pays {o.budget:,.0f}", "not bold")
            where.append(f"{o.scenario[:8]}…{o.scenario[-4:]} on chain {o.chain_id}")
        return Group(_line(title), _line(Text(self.stage, style="cyan"), where))

    def _progress(self, now: float) -> RenderableType:
        done = self._report.round if self._report is not None else 0
        line = Table.grid(expand=True, padding=(0, 1, 0, 0))
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True, justify="right")
        spent = f"{_clock(now - self._started)} so far"
        if 0 < done < self._rounds:
            each = (self._paid - self._opened) / done
            left = max(0.0, each * (self._rounds - done) - (now - self._paid))
            spent += f", about {_clock(left)} left"
        line.add_row(
            Text(f"Round {done}/{self._rounds}", style="bold"),
            ProgressBar(total=self._rounds, completed=done, complete_style="blue", finished_style="blue"),
            Text(spent),
        )
        return line

    def _model(self) -> RenderableType:
        if self._opening is None or not self._metrics:
            return Text("")
        first, last = self._metrics[0], self._metrics[-1]
        return Text.assemble(
            f"Model {self._opening.metric} ",
            (f"{last:.4f}", "bold"),
            f" (before {first:.4f}) ",
            (sparkline(heights(self._metrics, 32)), "blue"),
            no_wrap=True,
            overflow="ellipsis",
        )

    def _clients(self, room: int, width: int) -> RenderableType:
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", expand=False)
        for title, right in (
            ("client", False),
            ("quality", False),
            ("last round", False),
            ("score", True),
            ("total", True),
            ("price", True),
            ("", False),
            ("fair", True),
        ):
            table.add_column(title, justify="right" if right else "left", no_wrap=True)
        bar = max(4, min(BAR, width - 60))
        rows = self._order(room)
        for k in rows:
            if k is None:
                hidden = len(self._shares) - len(rows) + 1
                table.add_row(Text("…", style="dim"), Text(f"{hidden} more between", style="dim"))
            else:
                table.add_row(*self._client(k, bar))
        return table

    def _order(self, room: int) -> list[int | None]:
        """Return whom to show: all in join order, or the top and the bottom with None between them."""
        count = len(self._shares)
        if count <= room:
            return list(range(count))
        ranked = sorted(range(count), key=lambda k: -self._shares[k])
        top = room // 2
        return [*ranked[:top], None, *ranked[count - (room - 1 - top) :]]

    def _client(self, k: int, bar: int) -> Sequence[RenderableType]:
        opening, snapshot = self._opening, self._snapshot
        if opening is None or snapshot is None:
            raise RuntimeError("no client before the market has opened")
        quality = opening.qualities[k]
        style = STYLES.get(quality, "blue")
        price, fair = float(snapshot.prices[k]), float(snapshot.fair[k])
        shown: RenderableType = Text("")
        score = total = ""
        if (report := self._report) is not None:
            scores = report.score_shares
            score, total = f"{scores[k]:.3f}", f"{self._shares[k] / report.round:.3f}"
            shown = Bar(max(*scores, 1e-9), 0, scores[k], width=bar, color=style)
            if k in self._reasons:
                shown = Text(self._reasons[k], style="red")
                shown.truncate(bar, overflow="ellipsis")
        traded = price > 0
        return (
            Text(opening.names[k]),
            Text(quality, style=style),
            shown,
            score,
            total,
            f"{price:.4f}" if traded else "-",
            mark(price, fair) if traded else "",
            f"{fair:.4f}" if traded else "-",
        )


def mark(price: float, fair: float) -> Text:
    """Return whether a price is above or below fair value, in one character."""
    if price > fair * (1 + NEAR):
        return Text("▲", style="red")
    return Text("▼", style="green") if price < fair * (1 - NEAR) else Text("=", style="dim")


def _line(left: Text, right: Text | None = None) -> RenderableType:
    """Return one line of text, cut where it is too long, with something at its right end."""
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True, overflow="ellipsis")
    line.add_column(justify="right", no_wrap=True)
    line.add_row(left, right if right is not None else "")
    return line


def _clock(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
