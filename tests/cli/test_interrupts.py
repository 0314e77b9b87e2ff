"""A Ctrl-C that arrives where Python drops exceptions still ends the run."""

import subprocess
import sys

LOST = """
import os, signal
from wallstreetfeds.cli import interrupts
from wallstreetfeds.cli.live import Live

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):  # the handler runs between two instructions
            pass

interrupts.listen()
live = Live(3, quiet=True)
live.stage("Before")
Finalised()
print("went on")
try:
    live.stage("After")
except KeyboardInterrupt:
    print("ended")
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_one_that_was_dropped_is_raised_at_the_next_report(hears_interrupts):
    done = run(LOST)
    assert done.stdout.split("\n")[:2] == ["went on", "ended"], done.stderr


def test_one_that_is_ignored_stays_ignored():
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + LOST
    done = run(code)
    assert done.stdout == "went on\n", done.stderr
