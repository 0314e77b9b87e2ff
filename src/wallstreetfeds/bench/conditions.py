"""Under which conditions a benchmark ran: machine, load, versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def conditions(packages: Sequence[str], repeats: int, *, quick: bool) -> dict[str, Any]:
    """Return what a reader has to know to judge a time; packages that are missing are None."""
    return {
        "quick": quick,
        "repeats": repeats,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in packages},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
