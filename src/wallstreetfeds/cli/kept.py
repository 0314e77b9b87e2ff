"""`wsf demo --keep`: a run on a node that stays, taken up where it was interrupted, offered when done."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import click
import typer
from click.core import ParameterSource

from wallstreetfeds.cli.errors import Failure

if TYPE_CHECKING:
    from wallstreetfeds.chain import Session
    from wallstreetfeds.chain.anvil import Anvil
    from wallstreetfeds.chain.journal import JournalProvider
    from wallstreetfeds.chain.kept import KeptRun, Run
    from wallstreetfeds.demo.result import DemoResult
    from wallstreetfeds.demo.run import Observer, Opening
    from wallstreetfeds.federation import RoundReport
    from wallstreetfeds.sim.recorder import Snapshot

UNPLAYED: Final = 1
"""Rounds of a kept run that are left to come: when the last one opens, the pool stops trading."""

YOU: Final = "you"
YOUR_CASH: Final = 10_000
"""The account for whoever tries the commands, and its whole numeraire."""

OPTIONS: Final = ("clients", "rounds", "seed", "task", "skew")
"""Options of `wsf demo` that decide what is run."""

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="WSF_STATE",
        help="Folder of the kept run; by default wallstreetfeds in XDG_STATE_HOME or ~/.local/state.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def default_folder() -> Path:
    """Return where a run is kept unless told otherwise."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "wallstreetfeds"


def open_folder(state: Path | None) -> KeptRun:
    """Return the kept run's folder; there may be none yet."""
    from wallstreetfeds.chain.kept import KeptRun

    return KeptRun(default_folder() if state is None else state)


def wsf(kept: KeptRun, *arguments: str) -> str:
    """Return a command line that works as it stands, from any folder, for this kept run."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        program = [sys.executable, "-m", "wallstreetfeds"]
    elif (found := shutil.which(called.name)) is not None and Path(found).samefile(called):
        program = [called.name]
    else:
        program = [str(called.absolute())]
    where = [] if kept.folder == default_folder().absolute() else ["--state", str(kept.folder)]
    return shlex.join([*program, *arguments, *where])


def commands(kept: KeptRun, run: Run) -> list[str]:
    """Return the three commands that a kept run is offered with: a quote, a buy, where a reward is."""
    client = next(iter(run.accounts))
    return [
        wsf(kept, "pool", "quote", "--buy", client, "--spend", "100"),
        wsf(kept, "pool", "buy", client, "--spend", "100", "--as", YOU),
        wsf(kept, "reward", "show", "value-1"),
    ]


def as_json(kept: KeptRun, run: Run) -> dict[str, Any]:
    """Return what is offered, for `--json`."""
    rounds = int(run.options["rounds"])
    return {
        "state": str(kept.folder),
        "rpc": f"http://127.0.0.1:{run.port}",
        "chain_id": run.chain_id,
        "scenario": run.scenario,
        "bundles": str(kept.bundles),
        "options": dict(run.options),
        "rounds_played": rounds - UNPLAYED,
        "commands": commands(kept, run),
    }


def offer(kept: KeptRun, as_json_object: bool, out: Path | None = None) -> None:
    """Print the commands that a complete run is offered with; a folder for results comes too late."""
    if out is not None:
        raise Failure(
            f"the run kept in {kept.folder} is complete: nothing is written to {out}",
            "Replace it with --fresh, or leave --out out.",
        )
    run = kept.read()
    if as_json_object:
        print(json.dumps({"kept": as_json(kept, run)}))
        return
    rounds = int(run.options["rounds"])
    print(
        f"\nRound {rounds} of {rounds} is left unplayed (no command opens it), so that the market stays "
        f"open on this machine (chain {run.chain_id}, port {run.port}).\n"
        "Its accounts have keys that everybody can compute: never send them real money.\n"
    )
    for command in commands(kept, run):
        print(f"  {command}")
    verify = wsf(kept, "round", "verify", str(rounds - UNPLAYED))
    print(f"\nCompute a round's scores again from its evidence:  {verify}")
    print(f"End it with:  {wsf(kept, 'node', 'stop')}")


class Keeper:
    """One `wsf demo --keep` at work: gives it a session, saves every finished round, says what is left."""

    def __init__(self, kept: KeptRun, run: Run) -> None:
        self.kept = kept
        self.run = run
        self.finished = 0
        self._node: Anvil | None = None
        self._provider: JournalProvider | None = None

    @property
    def options(self) -> Mapping[str, Any]:
        """The options that decide what is run: those it was begun with."""
        return self.run.options

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to run."""
        return self.run.complete

    def session(self) -> Session:
        """Start the node where the newest checkpoint is, and return a session that gets there unseen."""
        from wallstreetfeds.chain.journal import journaled_session

        checkpoint = self.kept.newest()
        length = 0 if checkpoint is None else checkpoint.journal or 0
        self.finished = 0 if checkpoint is None else checkpoint.round
        self._node = self.kept.start(again=True)
        session, self._provider = journaled_session(
            self._node.url, self.kept.journal, length, seed=int(self.options["seed"])
        )
        return session

    def watch(self, observer: Observer) -> Observer:
        """Return an observer that saves a finished round before it is reported to the one given."""
        return _Saving(self, observer)

    def save(self, round_: int) -> None:
        """Save the chain as it is after a round; on the way to where a run was interrupted it is saved."""
        assert self._node is not None
        assert self._provider is not None
        if not self._provider.replaying:
            self.kept.save(self._node, round=round_, journal=self._provider.sync())
        self.finished = max(self.finished, round_)

    def finish(self, result: DemoResult, session: Session) -> None:
        """Give `you` some money, save, and write down that the run is complete."""
        from wallstreetfeds.chain import Numeraire
        from wallstreetfeds.demo.cast import CASH, NUMERAIRE_UNIT, OPENING_LIQUIDITY

        assert self._node is not None
        names = [*(client.name for client in result.clients), *OPENING_LIQUIDITY, *CASH, YOU]
        accounts = {name: session.account(name).address for name in names}
        numeraire = Numeraire(session, result.facts.numeraire)
        numeraire.mint(accounts[YOU], YOUR_CASH * NUMERAIRE_UNIT, sender=session.account("federator"))
        self.kept.save(self._node, round=self.finished, journal=None)
        self.run = replace(self.kept.read(), complete=True, scenario=result.scenario, accounts=accounts)
        self.kept.write(self.run)
        self.close()
        self.kept.journal.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the journal."""
        if self._provider is not None:
            self._provider.close()

    def abandon(self) -> None:
        """End the node: the run goes on from its newest checkpoint, whatever came after."""
        self.close()
        self.kept.stop(save=False)

    def as_json(self) -> dict[str, Any]:
        """Return what is offered, for `--json`."""
        return as_json(self.kept, self.run)

    def outlook(self) -> str:
        """Say what an interrupted run has kept."""
        rounds = int(self.options["rounds"]) - UNPLAYED
        kept = "The finished rounds are" if self.finished > 1 else "The finished round is"
        if self.finished == 0:
            return "No round was finished yet. Run the same command again."
        return f"{kept} kept ({self.finished} of {rounds}): run the same command again to go on from there."


@contextmanager
def keeping(context: typer.Context, state: Path | None, *, fresh: bool) -> Iterator[Keeper]:
    """Hold the kept run's folder for one `wsf demo --keep`, and leave it in order whatever happens."""
    from wallstreetfeds.chain import ChainError

    kept = open_folder(state)
    chosen = {name: context.params[name] for name in OPTIONS}
    given = {
        name: chosen[name]
        for name in chosen
        if context.get_parameter_source(name) in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}
    }
    try:
        with kept.lock():
            if fresh or not kept.exists():
                kept.create(chosen)
            run = kept.read()
            for name, value in given.items():
                if run.options.get(name) != value:
                    raise Failure(
                        f"the run kept in {kept.folder} has --{name} {run.options.get(name)}, not {value}",
                        "Leave the option out to go on with it, or replace it with --fresh.",
                    )
            keeper = Keeper(kept, run)
            try:
                if run.complete:
                    kept.start()
                yield keeper
            except BaseException:
                _quietly(keeper)
                raise
    except ChainError as error:
        raise Failure(str(error)) from error


def _quietly(keeper: Keeper) -> None:
    """Leave no node behind; what went wrong before is what is told."""
    from wallstreetfeds.chain import ChainError

    if not keeper.complete:
        try:
            keeper.abandon()
        except (ChainError, OSError) as error:
            click.echo(f"wsf: {error}", err=True)


class _Saving:
    """Saves, then reports; satisfies `demo.run.Observer`."""

    def __init__(self, keeper: Keeper, observer: Observer) -> None:
        self._keeper = keeper
        self._observer = observer

    def stage(self, text: str) -> None:
        self._observer.stage(text)

    def market_open(self, opening: Opening, snapshot: Snapshot) -> None:
        self._keeper.save(0)
        self._observer.market_open(opening, snapshot)

    def round_done(self, report: RoundReport, snapshot: Snapshot) -> None:
        self._keeper.save(report.round)
        self._observer.round_done(report, snapshot)
