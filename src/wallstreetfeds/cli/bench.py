"""`wsf bench`: what the contracts cost, how fast assessments and the simulator are, beside others."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from wallstreetfeds.cli.bench_contribution import print_contribution
from wallstreetfeds.cli.bench_sim import print_sim
from wallstreetfeds.cli.errors import Failure

if TYPE_CHECKING:
    from wallstreetfeds.bench.gas import GasReport

app = typer.Typer(name="bench", no_args_is_help=True, help="Measure what things cost.")

ROWS = (
    ("swap", "swap numeraire and client"),
    ("swap_clients", "swap client and client"),
    ("swap_large", "swap of a tenth of a balance"),
    ("join_single", "join with one asset"),
    ("exit_single", "leave with one asset"),
    ("join_all", "join with all assets"),
    ("exit_all", "leave with all assets"),
    ("open_round", "open a round"),
    ("submit", "submit scores"),
    ("finalize", "finalise a round, with the pool's harvest"),
    ("harvest", "of which the pool's harvest"),
    ("claim_1_round", "claim after 1 round"),
    ("claim_20_rounds", "claim after 20 rounds"),
    ("claim_lp", "claim of an LP"),
    ("transfer", "transfer, first after a round"),
    ("join_federation", "join the federation, token deployed"),
)


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write the JSON to this file too.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Tiny sizes, each once: shows that it works, not how fast it is.")
]


@app.callback()
def bench() -> None:
    """Measure what things cost."""


@app.command("gas")
def gas_command(
    as_json: AsJson = False,
    out: Out = None,
    peers: Annotated[
        bool, typer.Option("--peers/--no-peers", help="Measure Balancer V2 and Uniswap V2 in the same run.")
    ] = True,
) -> None:
    """Gas of every operation with 2, 10 and 50 clients, from receipts of a real node."""
    from wallstreetfeds.bench import gas
    from wallstreetfeds.bench.packages import PeersMissingError
    from wallstreetfeds.chain.anvil import AnvilError

    console = Console(stderr=True)
    try:
        with console.status("starting") as status:
            figures = gas.measure(with_peers=peers, progress=lambda what: status.update(f"measuring {what}"))
    except PeersMissingError as error:
        raise Failure(str(error), "Or leave them out with --no-peers.") from None
    except AnvilError as error:
        raise Failure(str(error), "Run 'make install', or set WSF_ANVIL to an anvil.") from None
    if not _wrote_json(figures.as_json(), as_json, out):
        _print(figures)


@app.command("contribution")
def contribution_command(as_json: AsJson = False, out: Out = None, quick: Quick = False) -> None:
    """Time of exact contributions, evaluations of samplers; beside PyTorch loops and shapiq (8 minutes)."""
    figures = _measured("wallstreetfeds.bench.contribution.report", quick, "make install-bench")
    if not _wrote_json(figures, as_json, out):
        print_contribution(figures)


@app.command("sim")
def sim_command(as_json: AsJson = False, out: Out = None, quick: Quick = False) -> None:
    """Swaps a second beside titanoboa, time of a federation, of learning beside Flower's Ray (3 minutes)."""
    figures = _measured("wallstreetfeds.bench.sim.report", quick, "make bench-sim")
    if not _wrote_json(figures, as_json, out):
        print_sim(figures)


def _measured(report: str, quick: bool, install: str) -> dict[str, Any]:
    """Return what the module `report` measures; it is imported here, for it needs optional packages."""
    try:
        with Console(stderr=True).status("starting") as status:
            measure = import_module(report).measure
            figures: dict[str, Any] = measure(
                quick=quick, progress=lambda what: status.update(f"measuring {what.replace('_', ' ')}")
            )
    except ModuleNotFoundError as error:
        raise Failure(f"the benchmark needs the package {error.name}", f"Run '{install}'.") from None
    return figures


def _wrote_json(figures: dict[str, Any], as_json: bool, out: Path | None) -> bool:
    """Write the figures to `out` and, if JSON is wanted, to standard output; return whether it was."""
    text = json.dumps(figures, indent=2) + "\n"
    if out is not None:
        try:
            out.write_text(text)
        except OSError as error:
            raise Failure(f"cannot write {out}: {error.strerror or error}") from None
    if as_json:
        sys.stdout.write(text)
    return as_json


def _print(figures: GasReport) -> None:
    console = Console()
    sizes = list(figures.ours)
    table = Table(title="Our contracts", box=None)
    table.add_column("gas of", no_wrap=True)
    for size in sizes:
        table.add_column(f"{size} clients", justify="right")
    for key, label in ROWS:
        table.add_row(label, *[f"{figures.ours[size][key]:,}" for size in sizes])
    console.print(table)
    if figures.peers:
        operations = ("swap", "join_single", "exit_single", "join_all", "exit_all")
        table = Table(title="Peers, on the same node", box=None, padding=(0, 1, 0, 0))
        table.add_column("gas of", no_wrap=True)
        for operation in operations:
            table.add_column(operation, justify="right")
        for name, measured in figures.peers.items():
            if name != "erc20":
                table.add_row(
                    name.replace("_", " "),
                    *[f"{measured[key]:,}" if key in measured else "" for key in operations],
                )
        console.print(table)
        console.print(f"A plain ERC-20 transfer: {figures.peers['erc20']['transfer']:,} gas.")
    code = ", ".join(f"{name} {size:,} B" for name, size in figures.bytes.items())
    console.print(f"Code (the EVM's limit is 24,576 B): {code}.")
