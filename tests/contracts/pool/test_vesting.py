"""LP shares for a listing vest as the schedule is opened; all others are free."""

import pytest
from onchain.world import FOREVER, Federation, compiled, refused

UNVESTED = "shares not vested yet"


def test_nothing_is_vested_at_the_opening(joined: Federation) -> None:
    joined.start()
    client = joined.clients[0]
    held = joined.pool.balanceOf(client)
    assert joined.pool.unvested(client) == held > 0
    with refused(UNVESTED):
        joined.pool.transfer(joined.attacker, 1, sender=client)
    with refused(UNVESTED):
        joined.remove(client, 1)
    with refused(UNVESTED):
        joined.pool.remove_single_asset(0, 10**9, 0, client, FOREVER, sender=client)


def test_they_vest_with_every_record_date(opened: Federation) -> None:
    client = opened.clients[0]
    held = opened.pool.balanceOf(client)
    left = []
    for _ in range(4):
        opened.scenario.open_round(sender=opened.federator)
        left.append(opened.pool.unvested(client))
        opened.settle()
    assert left == pytest.approx([held * 3 / 4, held / 2, held / 4, 0], abs=1)
    opened.remove(client, held)


def test_what_is_vested_can_be_sent_and_not_a_share_more(opened: Federation) -> None:
    opened.round()
    client, pool = opened.clients[0], opened.pool
    free = pool.balanceOf(client) - pool.unvested(client)
    with refused(UNVESTED):
        pool.transfer(opened.attacker, free + 1, sender=client)
    pool.approve(opened.attacker, FOREVER, sender=client)
    with refused(UNVESTED):
        pool.transferFrom(client, opened.attacker, free + 1, sender=opened.attacker)
    pool.transfer(opened.attacker, free, sender=client)
    with refused(UNVESTED):
        opened.remove(client, 1)


def test_providers_of_numeraire_are_free_at_once(joined: Federation) -> None:
    joined.start()
    for actor in (joined.lp, joined.federator):
        assert joined.pool.unvested(actor) == 0
        joined.remove(actor, joined.pool.balanceOf(actor))


def test_a_client_that_also_provides_is_bound_by_its_listing_alone() -> None:
    federation = Federation().fund().join(2).deposit()
    client = federation.clients[0]
    federation.grant(client, 10**11)
    federation.scenario.deposit_numeraire(10**11, sender=client)
    providers = [federation.federator, federation.lp, client]
    federation.pool = compiled("Pool").at(
        federation.scenario.open_market(providers, 0, 0, sender=federation.federator)
    )
    other = federation.clients[1]
    assert federation.pool.unvested(client) == federation.pool.unvested(other)
    free = federation.pool.balanceOf(client) - federation.pool.unvested(client)
    assert free > 0
    federation.remove(client, free)
    with refused(UNVESTED):
        federation.remove(client, 1)


def test_unvested_shares_earn_like_all_others(opened: Federation) -> None:
    opened.round([1, 1, 1])
    client = opened.clients[0]
    part = opened.pool.balanceOf(client) / 10**15
    expected = opened.pool.harvested_units() * part
    assert opened.pool.claimable(client) == pytest.approx(expected, abs=2)
    assert opened.pool.claim(sender=client) > 0


def test_what_has_not_vested_is_rounded_up() -> None:
    federation = Federation(rounds=7, budget=7 * 10**9 + 3).open(3)
    client = federation.clients[0]
    held = federation.pool.balanceOf(client)
    for _ in range(7):
        federation.round()
        rho = federation.clock()[1]
        assert 0 <= federation.pool.unvested(client) - held * rho / federation.budget < 1.01
    assert federation.pool.unvested(client) == 0


def test_shares_that_come_back_are_free_again(opened: Federation) -> None:
    client, pool = opened.clients[0], opened.pool
    pool.transfer(client, 10**10, sender=opened.lp)
    with refused(UNVESTED):
        pool.transfer(opened.lp, 10**10 + 1, sender=client)
    pool.transfer(opened.lp, 10**10, sender=client)
    assert pool.balanceOf(client) == pool.unvested(client)


def test_a_transfer_to_oneself_needs_vested_shares_too(opened: Federation) -> None:
    client, pool = opened.clients[0], opened.pool
    held = pool.balanceOf(client)
    with refused(UNVESTED):
        pool.transfer(client, 1, sender=client)
    opened.round()
    pool.transfer(client, held - pool.unvested(client), sender=client)
    assert pool.balanceOf(client) == held
