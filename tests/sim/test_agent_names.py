"""Agents by name, and the parameters that none of them takes."""

import numpy as np
import pytest

from wallstreetfeds.sim.agents import (
    AGENTS,
    CapitalRaiser,
    Colluder,
    InformedArbitrageur,
    PumpAndDump,
    Treasurer,
    agent_named,
)

NEEDED = {
    "arbitrageur": {"shares": np.array([0.5, 0.5])},
    "insider": {"secret": lambda: np.empty((0, 2))},
    "colluder": {"seats": [1], "shares": np.array([0.5, 0.5])},
} | {
    kind: {"client": 0}
    for kind in ("treasurer", "capital-raiser", "buy-back", "wash-trader", "pump-and-dump")
}


@pytest.mark.parametrize("kind", AGENTS)
def test_every_kind_is_made_by_its_name_and_with_what_it_needs(kind):
    agent = agent_named(kind, "anna", **NEEDED.get(kind, {}))
    assert type(agent) is AGENTS[kind]
    assert agent.name == "anna"


def test_options_reach_the_agent():
    agent = agent_named("capital-raiser", "one", client=3, part=0.5, slices=7)
    assert agent == CapitalRaiser("one", 3, part=0.5, slices=7)


def test_an_unknown_kind_is_refused_with_a_list():
    with pytest.raises(ValueError, match=r"no agent 'whale'; there are: value, arbitrageur, .*, provider"):
        agent_named("whale", "anna")


def test_an_unknown_option_is_refused_with_a_list():
    with pytest.raises(ValueError, match=r"'noise' has no option 'size'; its options are: spend, patience$"):
        agent_named("noise", "anna", size=2.0)
    with pytest.raises(ValueError, match=r"no option '_steps'; its options are: client, part, slices$"):
        agent_named("capital-raiser", "one", client=0, _steps=4)


def test_a_missing_option_is_named():
    with pytest.raises(ValueError, match="'treasurer' needs: client"):
        agent_named("treasurer", "one")


@pytest.mark.parametrize("kind", [kind for kind in AGENTS if "spend" in AGENTS[kind].__dataclass_fields__])
@pytest.mark.parametrize("spend", [-0.1, 1.1, float("nan"), "half"])
def test_nobody_spends_less_than_nothing_or_more_than_all(kind, spend):
    with pytest.raises(ValueError, match="spend has to be a part between 0 and 1, got"):
        agent_named(kind, "anna", **NEEDED.get(kind, {}), spend=spend)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CapitalRaiser("one", 0, slices=0), "slices has to be a whole number of at least 1, got 0"),
        (lambda: CapitalRaiser("one", 0, part=-1.0), "part has to be a part between 0 and 1, got -1.0"),
        (lambda: CapitalRaiser("one", -1), "client has to be a whole number of at least 0, got -1"),
        (lambda: PumpAndDump("one", 0, pump=2.5), "pump has to be a whole number of at least 1, got 2.5"),
        (lambda: Treasurer("one", 0, edge=-0.1), "edge has to be a number of at least 0, got -0.1"),
        (lambda: Treasurer("one", 0, prior_rounds=0.0), "prior_rounds has to be a number above 0, got 0.0"),
        (lambda: Colluder("one", [1], np.array([1.0, np.nan])), "shares of its seats have to be numbers"),
        (lambda: InformedArbitrageur("one", np.array([1.0, np.nan])), "shares have to be numbers"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
