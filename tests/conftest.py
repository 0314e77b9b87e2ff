"""What all tests share: the helpers of the contract tests are importable, one warning is not ours."""

import sys
from pathlib import Path

import pytest

# `onchain` is used by contracts/ and properties/; pytest's importlib mode adds no path by itself.
sys.path.insert(0, str(Path(__file__).resolve().parent / "contracts"))


def pytest_configure(config: pytest.Config) -> None:
    # titanoboa compares the code behind an address with what it compiled; a minimal proxy never matches.
    config.addinivalue_line("filterwarnings", "ignore:casted bytecode does not match:UserWarning")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The longest tests first, or one process runs them alone at the end.
    items.sort(key=lambda item: "properties" not in item.path.parts)
