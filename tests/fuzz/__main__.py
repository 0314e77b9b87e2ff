"""Run one campaign: python -m fuzz NAME [options], with tests/ and tests/contracts/ on the path.

Every campaign prints the seed it ran with, takes it with --seed, prints plain counts, and ends with 1 if it
found anything.
"""

import sys
from importlib import import_module

CAMPAIGNS = ("maths", "profit", "machine", "model")


def main() -> int:
    """Hand the rest of the command line to the campaign."""
    if len(sys.argv) < 2 or sys.argv[1] not in CAMPAIGNS:
        print(f"usage: python -m fuzz {{{','.join(CAMPAIGNS)}}} [--help]")
        return 2
    return int(import_module(f"fuzz.{sys.argv[1]}").main(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
