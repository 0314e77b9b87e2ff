"""I5 as a search over one actor's calls from fair prices; `python -m fuzz profit` tries 100,000 sequences."""

import boa
import pytest
from onchain.one_actor import WORLDS
from onchain.profit_search import confirmed, search


@pytest.mark.parametrize("world", WORLDS)
def test_the_best_sequence_gains_nothing(world: str) -> None:
    found = search(world, seed=4, sequences=60)
    assert found.acted > 30
    assert found.best <= found.dust


def test_the_search_finds_the_payout_capture_of_the_plain_curve() -> None:
    found = search("plain curve", seed=4, sequences=150)
    assert found.best > 10**6 * found.dust
    with boa.env.anchor():
        assert confirmed("plain curve", found.steps) == found.best
