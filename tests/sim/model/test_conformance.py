"""The model and the contracts under the same calls; `onchain.twin_figures` says what is compared."""

import pytest
from onchain.revm_world import on_revm
from onchain.twin_walk import Walk

WALKS = 24


@pytest.mark.parametrize("seed", range(WALKS))
def test_the_model_and_the_contracts_agree_after_every_call(seed):
    with on_revm():
        walk = Walk(seed)
        walk.run(20)
        walk.mature()
    assert walk.done["step_round"] >= walk.twins.terms.rounds


def test_they_agree_with_fifty_one_assets():
    with on_revm():
        walk = Walk(1, large=True)
        walk.run(10)
        assert len(walk.twins.model.pools[0].reserves) == 51


def test_a_difference_is_noticed():
    with on_revm():
        walk = Walk(3)
        walk.run(3)
        walk.twins.model.holdings.wallets["investor"] *= 1 + 1e-8
        with pytest.raises(AssertionError, match="numeraire of investor"):
            walk.twins.check()


def test_a_refusal_of_one_alone_is_noticed():
    with on_revm():
        walk = Walk(3)
        walk.twins.model.clock.rho = 0.0
        with pytest.raises(AssertionError, match="the model 'the last round has opened'"):
            walk.twins.swap_exact_in(0, "investor", 0, 1, 10**12)
