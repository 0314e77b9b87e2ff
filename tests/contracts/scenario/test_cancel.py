"""Scenario.cancel and withdraw_budget: before the opening everybody gets everything back."""

import boa
from onchain.world import Federation, event, refused


def test_the_federator_cancels_at_any_time_before_the_opening(joined: Federation) -> None:
    joined.scenario.cancel(sender=joined.federator)
    assert event(joined.scenario, "Cancelled") == {"caller": joined.federator}
    assert joined.scenario.cancelled()


def test_others_cannot_cancel_until_the_deadline_has_passed(joined: Federation) -> None:
    boa.env.time_travel(seconds=joined.opening_deadline - boa.env.timestamp)
    assert boa.env.timestamp == joined.opening_deadline
    with refused("not the federator, not overdue"):
        joined.scenario.cancel(sender=joined.attacker)


def test_anyone_cancels_after_the_deadline(joined: Federation) -> None:
    boa.env.time_travel(seconds=joined.opening_deadline - boa.env.timestamp + 1)
    joined.scenario.cancel(sender=joined.investor)
    assert joined.scenario.cancelled()


def test_cancelling_twice_is_refused(joined: Federation) -> None:
    joined.scenario.cancel(sender=joined.federator)
    with refused("cancelled"):
        joined.scenario.cancel(sender=joined.federator)


def test_an_open_market_cannot_be_cancelled_by_anyone(opened: Federation) -> None:
    boa.env.time_travel(seconds=opened.opening_deadline)
    for actor in (opened.federator, opened.attacker):
        with refused("the market is open"):
            opened.scenario.cancel(sender=actor)


def test_everything_can_be_withdrawn_after_a_cancellation(joined: Federation) -> None:
    scenario, numeraire = joined.scenario, joined.numeraire
    deposits = {actor: scenario.numeraire_deposit(actor) for actor in (joined.federator, joined.lp)}
    scenario.cancel(sender=joined.federator)
    scenario.withdraw_budget(sender=joined.federator)
    assert event(scenario, "BudgetWithdrawn") == {"federator": joined.federator, "amount": joined.budget}
    for actor in deposits:
        scenario.withdraw_numeraire(sender=actor)
    for client, token in zip(joined.clients, joined.tokens, strict=True):
        scenario.withdraw_tokens(sender=client)
        assert token.balanceOf(client) == joined.supply
    assert numeraire.balanceOf(joined.federator) == joined.budget + deposits[joined.federator]
    assert numeraire.balanceOf(joined.lp) == deposits[joined.lp]
    assert numeraire.balanceOf(scenario) == 0
    assert scenario.escrow() == 0
    assert not scenario.funded()


def test_nothing_else_happens_after_a_cancellation(joined: Federation) -> None:
    scenario, client = joined.scenario, joined.clients[0]
    scenario.cancel(sender=joined.federator)
    scenario.withdraw_tokens(sender=client)
    with refused("cancelled"):
        scenario.join(False, sender=joined.attacker)
    with refused("cancelled"):
        scenario.deposit_tokens(sender=client)
    with refused("cancelled"):
        scenario.deposit_numeraire(1, sender=joined.lp)
    with refused("cancelled"):
        scenario.allow_clients([client], [], sender=joined.federator)
    with refused("cancelled"):
        scenario.open_market([joined.lp], 0, 0, sender=joined.federator)
    with refused("the market is not open"):
        scenario.open_round(sender=joined.federator)


def test_the_budget_stays_until_the_cancellation(joined: Federation) -> None:
    with refused("nothing to withdraw"):
        joined.scenario.withdraw_budget(sender=joined.federator)


def test_the_federator_cannot_take_the_escrow_of_an_open_market(opened: Federation) -> None:
    with refused("nothing to withdraw"):
        opened.scenario.withdraw_budget(sender=opened.federator)


def test_only_the_federator_withdraws_the_budget(joined: Federation) -> None:
    joined.scenario.cancel(sender=joined.federator)
    with refused("not the federator"):
        joined.scenario.withdraw_budget(sender=joined.attacker)


def test_the_budget_is_withdrawn_once(joined: Federation) -> None:
    joined.scenario.cancel(sender=joined.federator)
    joined.scenario.withdraw_budget(sender=joined.federator)
    with refused("nothing to withdraw"):
        joined.scenario.withdraw_budget(sender=joined.federator)


def test_an_unfunded_scenario_has_no_budget_to_withdraw(registering: Federation) -> None:
    registering.scenario.cancel(sender=registering.federator)
    with refused("nothing to withdraw"):
        registering.scenario.withdraw_budget(sender=registering.federator)
