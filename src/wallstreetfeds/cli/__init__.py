"""The `wsf` command: the one place that decides what runs where."""

import os
import sys


def main() -> None:
    """Run `wsf` and leave with its exit code; 130 where Ctrl-C came even before it had started."""
    # Tiny matrices: more BLAS threads make them slower, many times.  Has to be set before NumPy is imported.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        from wallstreetfeds.cli import interrupts

        interrupts.listen()
        from wallstreetfeds.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        print("wsf: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)
