"""Ctrl-C that is not lost.

Python raises KeyboardInterrupt wherever the main thread stands. Where that is a finaliser or a callback from
C, as they run by the hundred while a function is compiled, the exception is printed or dropped and the
program goes on. So the signal is also written down, and looked at wherever a run reports how far it is.
"""

from __future__ import annotations

import signal
from types import FrameType

_heard = False


def listen() -> None:
    """Write Ctrl-C down from now on; leaves a SIGINT that is ignored, or handled by others, as it is."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _hear)


def check() -> None:
    """Raise KeyboardInterrupt if there was a Ctrl-C, however it ended."""
    if _heard:
        raise KeyboardInterrupt


def _hear(_number: int, _frame: FrameType | None) -> None:
    global _heard  # noqa: PLW0603 - a signal belongs to the process
    _heard = True
    raise KeyboardInterrupt
