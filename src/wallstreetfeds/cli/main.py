"""Entry point of `wsf`: registers the nouns and turns every failure into one message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final

# Tiny matrices: more BLAS threads make them slower, many times.  Has to be set before NumPy is imported.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import typer  # noqa: E402

from wallstreetfeds.cli import demo  # noqa: E402
from wallstreetfeds.cli.errors import Failure, report  # noqa: E402

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


def main() -> None:
    """Run `wsf`; exit code 0 on success, 1 on failure, 2 on wrong usage, 130 when interrupted."""
    as_json = "--json" in sys.argv
    try:
        app(standalone_mode=False)
    except typer.Exit as leaving:
        sys.exit(leaving.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        report(
            Failure("interrupted", "Nothing was written. Run the same command again to start over."), as_json
        )
        sys.exit(INTERRUPTED)
    except Failure as failure:
        report(failure, as_json)
        sys.exit(FAILED)
    except Exception as error:
        usage = report_usage(error, as_json)
        if not usage:
            raise
        sys.exit(USAGE)


def report_usage(error: Exception, as_json: bool) -> bool:
    """Print a wrong command line in one sentence; False if `error` is something else."""
    import click

    if not isinstance(error, click.ClickException):
        return False
    report(Failure(error.format_message(), "See 'wsf --help' and 'wsf COMMAND --help'."), as_json)
    return True


if __name__ == "__main__":
    main()
