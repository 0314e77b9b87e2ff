"""Checking a round's evidence needs no Flower, and every public name of the package is where it should be."""

import subprocess
import sys

import wallstreetfeds.federation as package

BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "flwr":
            raise ModuleNotFoundError("Flower is not installed", name="flwr")

sys.meta_path.insert(0, Block())
import wallstreetfeds.cli.round, wallstreetfeds.cli.place, wallstreetfeds.demo.cast
from wallstreetfeds.chain.posted import posted_round
from wallstreetfeds.federation.evidence import verify_round
from wallstreetfeds.federation import EvidenceFolder, Venue
print("checked")
try:
    from wallstreetfeds.federation import Rewarded
except ModuleNotFoundError as error:
    print(error)
"""


def test_what_checks_a_round_is_imported_without_flower():
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines() == ["checked", "Flower is not installed"], done.stderr


def test_every_public_name_is_found_and_no_other():
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert not hasattr(package, "nothing")
