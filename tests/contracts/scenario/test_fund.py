"""Scenario.fund: the whole budget is escrowed, once, by the federator."""

from onchain.world import Federation, event, refused


def test_funding_escrows_the_whole_budget(registering: Federation) -> None:
    federation = registering.fund()
    scenario = federation.scenario
    assert event(scenario, "BudgetFunded") == {
        "federator": federation.federator,
        "amount": federation.budget,
    }
    assert scenario.funded()
    assert scenario.escrow() == federation.budget
    assert federation.numeraire.balanceOf(scenario) == federation.budget
    assert federation.numeraire.balanceOf(federation.federator) == 0


def test_only_the_federator_funds(registering: Federation) -> None:
    registering.grant(registering.attacker, registering.budget)
    with refused("not the federator"):
        registering.scenario.fund(sender=registering.attacker)


def test_funding_twice_is_refused(registering: Federation) -> None:
    registering.fund()
    with refused("already funded"):
        registering.fund()


def test_funding_without_the_money_is_refused(registering: Federation) -> None:
    registering.grant(registering.federator, registering.budget - 1)
    with refused("balance too small"):
        registering.scenario.fund(sender=registering.federator)
    assert not registering.scenario.funded()


def test_funding_without_approval_is_refused(registering: Federation) -> None:
    registering.numeraire.mint(registering.federator, registering.budget)
    with refused("allowance too small"):
        registering.scenario.fund(sender=registering.federator)


def test_funding_after_a_cancellation_is_refused(registering: Federation) -> None:
    registering.scenario.cancel(sender=registering.federator)
    with refused("cancelled"):
        registering.fund()


def test_funding_an_open_market_is_refused(opened: Federation) -> None:
    with refused("the market is open"):
        opened.fund()
