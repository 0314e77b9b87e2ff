"""What all tests share: the helpers of the contract tests are importable, one warning is not ours."""

import sys
from pathlib import Path

import pytest

# `onchain` is used by contracts/ and properties/; pytest's importlib mode adds no path by itself.
sys.path.insert(0, str(Path(__file__).resolve().parent / "contracts"))


def pytest_configure(config: pytest.Config) -> None:
    # titanoboa compares the code behind an address with what it compiled; a minimal proxy never matches.
    config.addinivalue_line("filterwarnings", "ignore:casted bytecode does not match:UserWarning")
