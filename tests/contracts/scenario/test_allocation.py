"""Weighted allocations: tokens of unequal supply, at one price, under one rule."""

import boa
import pytest
from onchain.world import EVIDENCE, WAD, Federation, compiled, packed, refused

SUPPLIES = [10**18, 3 * 10**18, 4 * 10**18]


@pytest.fixture
def weighted(chain: None) -> Federation:
    """Three clients with 1, 3 and 4 million tokens; not yet open."""
    federation = Federation(open_registration=False, score_cap=WAD * 3 // 2).fund()
    clients = [boa.env.generate_address() for _ in SUPPLIES]
    federation.scenario.allow_clients(clients, SUPPLIES, sender=federation.federator)
    for client in clients:
        token = compiled("ClientToken").at(federation.scenario.join(True, sender=client))
        federation.clients.append(client)
        federation.tokens.append(token)
    return federation.deposit()


def test_each_token_has_its_supply_and_lists_the_same_part(weighted: Federation) -> None:
    assert [token.totalSupply() for token in weighted.tokens] == SUPPLIES
    assert [weighted.scenario.supply_of(k) for k in range(3)] == SUPPLIES
    assert weighted.scenario.total_supply() == sum(SUPPLIES)
    weighted.start()
    assert weighted.balances()[1:] == [supply // 5 for supply in SUPPLIES]


def test_every_token_opens_at_the_same_price(weighted: Federation) -> None:
    weighted.start()
    prior = weighted.budget * 10**12 * WAD // sum(SUPPLIES)
    for asset in (1, 2, 3):
        assert weighted.pool.spot_price(asset) == pytest.approx(prior, rel=1e-9)


def test_the_cap_follows_the_supply(weighted: Federation) -> None:
    weighted.start()
    weighted.scenario.open_round(sender=weighted.federator)
    # 1.5 times 1/8, 3/8 and 4/8 of 800.
    for scores in ([151, 325, 324], [100, 451, 249], [0, 199, 601]):
        with refused("score above the cap"):
            weighted.scenario.submit_scores(1, packed(scores), EVIDENCE, sender=weighted.federator)
    weighted.scenario.submit_scores(1, packed([150, 50, 600]), EVIDENCE, sender=weighted.federator)


def test_all_zero_is_a_split_by_supply(weighted: Federation) -> None:
    weighted.start()
    weighted.round([0, 0, 0])
    pot = weighted.budget // weighted.rounds
    assert weighted.rewards(1) == [pot // 8, pot * 3 // 8, pot * 4 // 8]


def test_the_pool_earns_by_its_part_of_each_supply(weighted: Federation) -> None:
    weighted.start()
    weighted.round([1, 3, 4])
    assert weighted.pool.harvested_units() == pytest.approx(weighted.budget // weighted.rounds // 5, abs=1)


@pytest.mark.parametrize("supply", [10**9 - 10**6, 10**9 + 1, 2**64, 1])
def test_a_supply_outside_its_domain_is_refused(registering: Federation, supply: int) -> None:
    with refused("supply outside its domain"):
        registering.scenario.allow_clients([registering.attacker], [supply], sender=registering.federator)


def test_there_is_one_supply_for_each_client(registering: Federation) -> None:
    with refused("not one supply for each client"):
        registering.scenario.allow_clients(
            [registering.attacker, registering.lp], [10**18], sender=registering.federator
        )


def test_the_standard_supply_is_used_under_open_registration(registering: Federation) -> None:
    scenario = registering.scenario
    scenario.allow_clients([registering.attacker], [2 * 10**18], sender=registering.federator)
    scenario.join(False, sender=registering.attacker)
    scenario.join(False, sender=registering.lp)
    assert [scenario.supply_of(k) for k in (0, 1)] == [2 * 10**18, registering.supply]


def test_the_largest_and_the_smallest_supply_stand_side_by_side(registering: Federation) -> None:
    scenario = registering.scenario
    supplies = [10**9, (2**64 - 1) // 10**6 * 10**6] * 4
    clients = [boa.env.generate_address() for _ in supplies]
    scenario.allow_clients(clients, supplies, sender=registering.federator)
    for client in clients:
        scenario.join(False, sender=client)
    assert [scenario.supply_of(k) for k in range(8)] == supplies
    assert scenario.total_supply() == sum(supplies)


def test_a_supply_is_fixed_by_joining(registering: Federation) -> None:
    client, scenario = registering.investor, registering.scenario
    scenario.allow_clients([client], [10**12], sender=registering.federator)
    scenario.join(False, sender=client)
    scenario.allow_clients([client], [2 * 10**12], sender=registering.federator)
    assert scenario.supply_of(0) == scenario.total_supply() == 10**12


def test_one_unit_is_tolerated_where_the_sum_is_a_billion(weighted: Federation) -> None:
    weighted.start()
    weighted.scenario.open_round(sender=weighted.federator)
    # 1.5 times an eighth of 10^9, and one.
    most = 10**9 * 3 // 16 + 1
    half = 10**9 // 2
    with refused("score above the cap"):
        weighted.scenario.submit_scores(
            1, packed([most + 1, half - most - 1, half]), EVIDENCE, sender=weighted.federator
        )
    weighted.submit([most, half - most, half])


def test_a_round_without_scores_is_split_by_supply_then_by_what_was_paid(weighted: Federation) -> None:
    weighted.start()
    pot = weighted.budget // weighted.rounds
    for number, shares in ((1, [1, 3, 4]), (3, [5, 15, 12])):
        weighted.scenario.open_round(sender=weighted.federator)
        weighted.pass_time(weighted.round_deadline)
        weighted.scenario.finalize_without_scores(number)
        expected = [pot * share // sum(shares) for share in shares]
        assert weighted.rewards(number) == pytest.approx(expected, abs=1)
        assert sum(weighted.rewards(number)) == pot
        if number == 1:
            # 1/8, 3/8, 4/8 and 3/16, 9/16, 4/16: in sum 5, 15, 12.
            weighted.round([3, 9, 4])


def test_the_same_part_of_every_supply_earns_that_part_of_any_pot(weighted: Federation) -> None:
    """The complete set: worth the pot whatever the scores say."""
    weighted.start()
    holder = weighted.investor
    for client, token, supply in zip(weighted.clients, weighted.tokens, SUPPLIES, strict=True):
        token.transfer(holder, supply // 10, sender=client)
    weighted.round([10, 33, 57])
    earned = sum(token.claimable(holder) for token in weighted.tokens)
    pot = weighted.budget // weighted.rounds
    assert pot // 10 - 3 <= earned <= pot // 10


@pytest.mark.parametrize(("ratio", "opens"), [(2**15 + 1, False), (2**15 - 1, True)])
def test_supplies_too_unequal_for_one_market_are_refused(ratio: int, opens: bool) -> None:
    """A little numeraire beside two listings, the larger `ratio` times the smaller."""
    federation = Federation(open_registration=False, rounds=1).fund()
    for supply in (10**12, ratio * 10**12):
        client = boa.env.generate_address()
        federation.scenario.allow_clients([client], [supply], sender=federation.federator)
        federation.scenario.join(True, sender=client)
    federation.deposit(federation.budget // 10_000)
    if opens:
        assert federation.start().pool.asset_count() == 3
    else:
        with refused("the listed supplies are too unequal"):
            federation.start()
