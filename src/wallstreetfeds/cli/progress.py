"""How far a run is, on standard error: one line that moves, and nothing at all when it should be quiet."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from wallstreetfeds.federation import RoundReport
    from wallstreetfeds.sim.recorder import Snapshot


class Progress:
    """Draws stages and rounds; satisfies `demo.run.Observer`."""

    def __init__(self, rounds: int, *, quiet: bool) -> None:
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("rounds"),
            TimeElapsedColumn(),
            console=Console(stderr=True, quiet=quiet),
            transient=True,
        )
        self._task = self._bar.add_task("Starting", total=rounds)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def stage(self, text: str) -> None:
        """Name the stage that begins."""
        self._bar.update(self._task, description=text)
        self._bar.refresh()

    def round_done(self, report: RoundReport, snapshot: Snapshot) -> None:  # noqa: ARG002
        """Move the bar one round on."""
        self._bar.update(
            self._task, advance=1, description=f"Round {report.round}: log-loss {-report.utility_after:.4f}"
        )
        self._bar.refresh()
