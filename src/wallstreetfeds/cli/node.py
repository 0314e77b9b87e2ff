"""`wsf node`: the node of the kept run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.kept import FolderOption, JsonOption, open_folder

if TYPE_CHECKING:
    from wallstreetfeds.chain.kept import KeptRun

app = typer.Typer(name="node", no_args_is_help=True, help="The node of the kept run: start, stop, status.")


@app.command("start")
def start(
    port: Annotated[
        int | None, typer.Option("--port", help="Port on 127.0.0.1; by default where it was before.")
    ] = None,
    state: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start the node where it was last saved."""
    if port is not None and not 1 <= port <= 65_535:
        raise Failure(f"--port is {port}", "Choose 1 to 65535.")
    with _kept(state) as kept, kept.lock():
        running = kept.running()
        if running is not None and port not in {None, running.port}:
            raise Failure(f"the node runs on port {running.port} already", "'wsf node stop' ends it.")
        if not kept.read().complete:
            raise Failure(
                f"the run kept in {kept.folder} is unfinished", "'wsf demo --keep' goes on with it."
            )
        kept.start(port=port)
        _tell(kept, as_json)


@app.command("stop")
def stop(state: FolderOption = None, as_json: JsonOption = False) -> None:
    """Save the chain and end the node."""
    with _kept(state) as kept, kept.lock():
        ended = kept.stop()
        if as_json:
            _tell(kept, as_json)
        else:
            print("The node has ended; its state is saved." if ended else "The node was not running.")


@app.command("status")
def status(state: FolderOption = None, as_json: JsonOption = False) -> None:
    """Show where the node runs, how far its chain is, and when it was last saved."""
    with _kept(state) as kept:
        _tell(kept, as_json)


@contextmanager
def _kept(state: Path | None) -> Iterator[KeptRun]:
    from wallstreetfeds.chain import ChainError

    kept = open_folder(state)
    try:
        if not kept.exists():
            raise Failure(f"no run is kept in {kept.folder}", "Make one with 'wsf demo --keep'.")
        yield kept
    except ChainError as error:
        raise Failure(str(error)) from error


def _tell(kept: KeptRun, as_json: bool) -> None:
    run, node, newest = kept.read(), kept.running(), kept.newest()
    block = None
    if node is not None:
        node.check()
        block = int(node.request("eth_blockNumber"), 16)
    rounds = int(run.options["rounds"])
    if as_json:
        saved: dict[str, Any] | None = (
            None
            if newest is None
            else {"number": newest.number, "round": newest.round, "block": newest.block, "time": newest.time}
        )
        entry = {
            "running": node is not None,
            "state": str(kept.folder),
            "pid": None if node is None else node.pid,
            "rpc": None if node is None else node.url,
            "chain_id": run.chain_id,
            "block": block,
            "scenario": run.scenario or None,
            "complete": run.complete,
            "rounds": rounds,
            "checkpoint": saved,
        }
        print(json.dumps(entry))
        return
    where = f"{node.url}, process {node.pid}, block {block}" if node is not None else "not running"
    print(f"node        {where}")
    print(f"chain       {run.chain_id}")
    print(f"scenario    {run.scenario or 'not finished: wsf demo --keep goes on with it'}")
    if newest is not None:
        age = max(0, int(time.time()) + newest.ahead - newest.time)
        print(
            f"checkpoint  {newest.number}: round {newest.round} of {rounds}, block {newest.block}, "
            f"{age} s ago"
        )
    print(f"folder      {kept.folder}")
