"""Process-wide switches of Flower, set before the first import of `flwr`; importing this module sets them.

A value the user has set already wins.
"""

from __future__ import annotations

import logging
import os
from typing import Final

SWITCHES: Final = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}

for _name, _value in SWITCHES.items():
    os.environ.setdefault(_name, _value)


def quiet_flower(level: int = logging.ERROR) -> None:
    """Let Flower's logger, which prints every round to standard error, only report from `level` on."""
    logging.getLogger("flwr").setLevel(level)
