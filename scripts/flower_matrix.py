"""Run the federation's tests against several versions of Flower, each in an environment of its own.

    make flower-matrix                       the versions of the documentation's table
    .venv/bin/python scripts/flower_matrix.py 1.25.0 1.41.0

Environments are made under build/flower/ and kept.  Prints one line a version.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

VERSIONS = ("1.23.0", "1.26.0", "1.30.0", "1.35.0", "1.38.0", "1.41.0", "1.42.0", "1.43.0")
ROOT = Path(__file__).resolve().parent.parent


def check(version: str) -> str:
    """Return one line: what became of the tests with this version of Flower."""
    folder = ROOT / "build" / "flower" / version
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    packages = [f"flwr=={version}", f"{ROOT}[data,images]", "pytest>=8", "hypothesis>=6", "mpmath>=1.3"]
    done = subprocess.run([*install, *packages], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        return f"does not install: {reason[-1] if reason else done.stderr[-200:]}"
    tests = [str(python), "-m", "pytest", "-q", "-W", "default", "-p", "no:cacheprovider", "tests/federation"]
    done = subprocess.run(tests, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    for wanted in sys.argv[1:] or VERSIONS:
        print(f"flwr {wanted:8} {check(wanted)}", flush=True)
