"""`wsf`: registers the nouns and turns every failure into one message and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import click
import typer

from wallstreetfeds.cli import bench, demo, experiment, node, pool, reward, round
from wallstreetfeds.cli.errors import Failure, report

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130

app = typer.Typer(
    name="wsf",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Federated learning in which every client has a token that anyone can trade.",
)
app.command("demo")(demo.demo)
for noun in (pool.app, reward.app, round.app, node.app, bench.app, experiment.app):
    app.add_typer(noun)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"wallstreetfeds {version('wallstreetfeds')}")
        raise typer.Exit


@app.callback()
def wsf(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Federated learning in which every client has a token that anyone can trade."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return 0 on success, 1 on failure, 2 on wrong usage, 130 when interrupted."""
    as_json = "--json" in arguments
    try:
        # Without standalone mode Typer returns the code of an exit, 130 for Ctrl-C.
        code = app(args=list(arguments), standalone_mode=False) or 0
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except Failure as failure:
        report(failure, as_json)
        return FAILED
    except OSError as error:
        why = error.strerror or error
        if error.filename is None:  # standard output is closed or full
            report(Failure(f"cannot print: {why}"), False)
        else:
            report(Failure(f"cannot use {error.filename}: {why}", "Name another path."), as_json)
        return FAILED
    except click.ClickException as error:
        message = error.format_message()  # empty where the help has been printed instead
        if message:
            report(Failure(message, "See 'wsf --help' and 'wsf COMMAND --help'."), as_json)
        return USAGE
    if code == INTERRUPTED:
        report(Failure("interrupted", "Nothing is half-written. Run the same command again."), as_json)
    return int(code)
