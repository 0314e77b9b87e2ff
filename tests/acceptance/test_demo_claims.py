"""What the README claims of the demo, over ten seeds.  `make acceptance` prints the table."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.acceptance
SEEDS = range(10)


@pytest.fixture(scope="module")
def results():
    runs = []
    for seed in SEEDS:
        command = [sys.executable, "-W", "ignore", "-m", "wallstreetfeds", "demo", "--json"]
        done = subprocess.run([*command, "--seed", str(seed)], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    print("\nseed  worst good share  best bad share  worst good price  best bad price  loss")
    for seed, run in zip(SEEDS, runs, strict=True):
        good = [c for c in run["clients"] if c["quality"] == "good"]
        bad = [c for c in run["clients"] if c["quality"] != "good"]
        print(
            f"{seed:4}  {min(c['score_share'] for c in good):16.4f}"
            f"  {max(c['score_share'] for c in bad):14.4f}"
            f"  {min(c['price_last'] for c in good):16.5f}  {max(c['price_last'] for c in bad):14.5f}"
            f"  {run['model']['first']:8.4f}  {run['model']['last']:.4f}"
        )
    return runs


def separated(run, figure: str) -> bool:
    good = [c[figure] for c in run["clients"] if c["quality"] == "good"]
    bad = [c[figure] for c in run["clients"] if c["quality"] != "good"]
    return len(bad) == 3 and max(bad) < min(good)


def test_bad_lenders_have_the_lowest_score_shares_in_every_seed(results):
    assert sum(separated(run, "score_share") for run in results) == len(SEEDS)


def test_bad_lenders_have_the_lowest_last_prices_in_nine_seeds_of_ten(results):
    assert sum(separated(run, "price_last") for run in results) >= 9


def test_log_loss_falls_below_049(results):
    for run in results:
        assert 0.57 < run["model"]["first"] < 0.62
        assert run["model"]["last"] < 0.49


def test_every_run_balances(results):
    assert all(run["conservation"]["balanced"] for run in results)
