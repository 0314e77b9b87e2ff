"""`wsf demo`: a whole tokenised federation in one command."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.files import prepare_folder, write_whole
from wallstreetfeds.cli.kept import OPTIONS, UNPLAYED, FolderOption, JsonOption, keeping, offer

if TYPE_CHECKING:
    from wallstreetfeds.chain import Session

FEWEST_CLIENTS: Final = 2
MOST_CLIENTS: Final = 64
MOST_ROUNDS: Final = 256
FEWEST_DISPUTED: Final = 2


def demo(
    context: typer.Context,
    clients: Annotated[int, typer.Option(help="Lenders that train together, 2 to 64.")] = 10,
    rounds: Annotated[int, typer.Option(help="Training rounds, 1 to 256.")] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = 1,
    task: Annotated[str, typer.Option(help="What is learned: credit, mnist or lending-club.")] = "credit",
    skew: Annotated[
        float | None,
        typer.Option(
            help="Split by label, Dirichlet with this parameter; below 3 good clients may score low."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.html, results.json, Parquet files.")
    ] = None,
    rpc: Annotated[
        str | None, typer.Option(help="Development node to run on, e.g. anvil; else a chain in this process.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Run on a node that stays, one round before its end, to trade on.")
    ] = False,
    challenge: Annotated[
        bool,
        typer.Option("--challenge", help="With an arbiter: false scores are challenged, and right ones."),
    ] = False,
    state: FolderOption = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="With --keep: replace the run kept before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Lenders train a credit-risk model; each round is scored and paid on a real EVM; their tokens trade.

    Two of ten lenders have wrong labels and one is a free-rider: watch what they earn and what their
    tokens are worth. At the end every unit of money is accounted for from chain state alone; exit code 1
    if it is not.
    """
    _refuse_out_of_range(clients, rounds, seed)
    _refuse_contradictions(rounds, rpc, keep=keep, fresh=fresh, challenge=challenge)
    if out is not None:
        _prepare(out)

    from wallstreetfeds.chain import ChainError
    from wallstreetfeds.cli.live import Live
    from wallstreetfeds.cli.summary import print_summary
    from wallstreetfeds.demo.run import run_demo
    from wallstreetfeds.federation import EvidenceError
    from wallstreetfeds.federation.tasks import named_task

    with keeping(context, state, fresh=fresh) if keep else nullcontext() as keeper:
        if keeper is not None and keeper.complete:
            offer(keeper.kept, as_json, out)
            return
        if keeper is not None:
            # A run that was interrupted goes on as it was begun.
            clients, rounds, seed, task, skew = (keeper.options[name] for name in OPTIONS)
        try:
            chosen = named_task(task, skew=skew)
            session = _session(rpc, seed) if keeper is None else keeper.session()
            with Live(rounds, quiet=as_json) as live:
                result = run_demo(
                    session,
                    chosen,
                    clients=clients,
                    rounds=rounds,
                    seed=seed,
                    observer=live if keeper is None else keeper.watch(live),
                    unplayed=0 if keeper is None else UNPLAYED,
                    challenge=challenge,
                    bundles=None if keeper is None else keeper.kept.bundles,
                )
            if keeper is not None:
                keeper.finish(result, session)
        except (ChainError, EvidenceError, ValueError, ImportError) as error:
            raise Failure(str(error), "" if keeper is None else keeper.outlook()) from error
    as_text = json.dumps(result.as_json() | ({} if keeper is None else {"kept": keeper.as_json()}))
    if out is not None:
        from wallstreetfeds.demo.export import export

        write_whole(out, export(result, shlex.join(["wsf", *sys.argv[1:]])))
    if as_json and result.conservation.balanced:
        print(as_text)
    elif not as_json:
        print_summary(result, out, kept=keep)
        if keeper is not None:
            offer(keeper.kept, as_json)
    if not result.conservation.balanced:
        raise Failure(
            "the books do not balance: " + "; ".join(result.conservation.discrepancies),
            done=json.loads(as_text),
        )


def _prepare(out: Path) -> None:
    """Refuse before the run what would fail after it."""
    from wallstreetfeds.demo.export import EXTRA, missing

    if absent := missing():
        raise Failure(f"--out needs {' and '.join(absent)}", f"Install them: pip install '{EXTRA}'.")
    prepare_folder(out)


def _session(rpc: str | None, seed: int) -> Session:
    from wallstreetfeds.chain import Session

    return Session.embedded(seed) if rpc is None else Session.connect(rpc, seed=seed)


def _refuse_out_of_range(clients: int, rounds: int, seed: int) -> None:
    if not FEWEST_CLIENTS <= clients <= MOST_CLIENTS:
        raise Failure(f"--clients is {clients}", f"Choose {FEWEST_CLIENTS} to {MOST_CLIENTS} clients.")
    if not 1 <= rounds <= MOST_ROUNDS:
        raise Failure(f"--rounds is {rounds}", f"Choose 1 to {MOST_ROUNDS} rounds.")
    if seed < 0:
        raise Failure(f"--seed is {seed}", "Choose a whole number of at least 0.")


def _refuse_contradictions(rounds: int, rpc: str | None, *, keep: bool, fresh: bool, challenge: bool) -> None:
    if challenge and keep:
        raise Failure("--challenge is not for a kept run", "Leave --keep out.")
    if challenge and rounds < FEWEST_DISPUTED:
        raise Failure(
            f"--rounds is {rounds}", f"With --challenge two are disputed: at least {FEWEST_DISPUTED}."
        )
    if fresh and not keep:
        raise Failure("--fresh replaces a kept run", "Use it with --keep.")
    if keep and rpc is not None:
        raise Failure("--keep brings its own node", "Leave --rpc out.")
    if keep and rounds <= UNPLAYED:
        raise Failure(f"--rounds is {rounds}", "With --keep the last round is left to come: at least 2.")
