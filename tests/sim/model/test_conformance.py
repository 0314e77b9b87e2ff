"""The model and the contracts under the same calls; `onchain.twin_figures` says what is compared."""

import pytest
from onchain.revm_world import on_revm
from onchain.twin_walk import Walk
from onchain.twins import Setting, Twins

from wallstreetfeds.sim.model.terms import Terms

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


def test_both_stop_selling_before_a_pool_is_empty():
    terms = Terms(budget=1_000.0, rounds=2, opening_period=0, clock=False)
    with on_revm():
        twins = Twins(Setting(terms, (10**18,), (True,), 3 * 10**6))
        # So little money that a smallest unit shows: only who refuses what is compared.
        while twins.swap_exact_in(0, "client 0", 1, 0, 5 * 10**14):
            pass
        assert twins.reason == "the pool is almost empty"
        assert 1 <= twins.model.pools[0].reserves[0] < 1.2


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
