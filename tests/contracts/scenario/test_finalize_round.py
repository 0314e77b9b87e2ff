"""Scenario.finalize_round: the pot is split by the submitted scores, exactly."""

import boa
import pytest
from onchain.world import NO_EVIDENCE, Federation, event, packed, refused


def expected_split(pot: int, scores: list[int]) -> list[int]:
    """Differences of rounded-down prefix shares, written out."""
    if not any(scores):
        scores = [1] * len(scores)
    upto = [pot * sum(scores[: k + 1]) // sum(scores) for k in range(len(scores))]
    return [upto[0]] + [upto[k] - upto[k - 1] for k in range(1, len(scores))]


def units(federation: Federation, number: int) -> list[int]:
    return federation.rewards(number)


@pytest.mark.parametrize("scores", [[3, 0, 7], [0, 0, 1], [1, 0, 0], [0, 0, 0], [333_333_333] * 3, [1, 2, 4]])
def test_the_pot_is_split_by_score(opened: Federation, scores: list[int]) -> None:
    opened.scenario.open_round(sender=opened.federator)
    pot = opened.scenario.pot()
    opened.settle(scores)
    assert units(opened, 1) == expected_split(pot, scores)
    assert sum(units(opened, 1)) == pot
    for score, reward in zip(scores, units(opened, 1), strict=True):
        assert score > 0 or reward == 0 or not any(scores)
    assert opened.scenario.pot() == 0
    assert opened.scenario.escrow() == opened.budget - pot
    assert opened.clock()[2:] == (1, 1)


def test_all_zero_is_a_split_by_supply(opened: Federation) -> None:
    opened.round([0, 0, 0])
    rewards = units(opened, 1)
    assert max(rewards) - min(rewards) <= 1


def test_anyone_finalises(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    opened.scenario.submit_scores(1, packed([1, 2, 3]), NO_EVIDENCE, sender=opened.federator)
    opened.scenario.finalize_round(1, packed([1, 2, 3]), sender=opened.investor)
    assert event(opened.scenario, "RoundFinalized") == {
        "round": 1,
        "caller": opened.investor,
        "scored": True,
        "added": 0,
    }


def test_other_scores_than_the_submitted_are_refused(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    opened.scenario.submit_scores(1, packed([1, 2, 3]), NO_EVIDENCE, sender=opened.federator)
    for scores in ([3, 2, 1], [1, 2], [1, 2, 3, 1], []):
        with refused("not the scores of the round"):
            opened.scenario.finalize_round(1, packed(scores))
    opened.scenario.finalize_round(1, packed([1, 2, 3]))


def test_a_round_without_scores_is_refused(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    with refused("no scores submitted"):
        opened.scenario.finalize_round(1, packed([0, 0, 0]))


def test_scores_of_an_earlier_round_do_not_finalise_the_next(opened: Federation) -> None:
    opened.round([1, 2, 3])
    opened.scenario.open_round(sender=opened.federator)
    with refused("not the open round"):
        opened.scenario.finalize_round(1, packed([1, 2, 3]))
    with refused("no scores submitted"):
        opened.scenario.finalize_round(2, packed([1, 2, 3]))


def test_a_round_is_paid_once(opened: Federation) -> None:
    opened.round([1, 2, 3])
    with refused("not the open round"):
        opened.scenario.finalize_round(1, packed([1, 2, 3]))


def test_no_round_is_finalised_before_the_market(joined: Federation) -> None:
    with refused("not the open round"):
        joined.scenario.finalize_round(0, packed([]))


def test_the_history_is_the_running_sum(opened: Federation) -> None:
    total = [0, 0, 0]
    for number, scores in enumerate([[3, 0, 7], [0, 0, 0], [5, 5, 1], [0, 9, 2]], start=1):
        opened.round(scores)
        total = [before + reward for before, reward in zip(total, units(opened, number), strict=True)]
        assert [opened.scenario.history(k, number) for k in range(3)] == total
    assert sum(total) * opened.scenario.quantum() == opened.budget


def test_64_clients_share_a_pot_to_the_last_unit() -> None:
    federation = Federation(budget=10**24, rounds=3).open(64)
    scores = [(k * 7919) % 101 * 10**5 for k in range(64)]
    for number in (1, 2):
        federation.scenario.open_round(sender=federation.federator)
        pot = federation.scenario.pot() // federation.scenario.quantum()
        federation.settle(scores)
        assert units(federation, number) == expected_split(pot, scores)


def test_the_largest_pot_fits_its_bits() -> None:
    federation = Federation(budget=2**40, rounds=1).open(7)
    federation.round([0, 10**9 // 2, 0, 0, 0, 10**9 // 2, 0])
    assert units(federation, 1) == [0, 2**39, 0, 0, 0, 2**39, 0]


def test_finalising_books_the_rewards_of_the_pool(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    opened.settle([1, 1, 2])
    # Half of the value is tokens, a fifth of each supply: a fifth of the pot belongs to the LPs.
    (booked,) = [log for log in opened.scenario.get_logs(strict=False) if type(log).__name__ == "Harvested"]
    assert (booked.round, booked.units) == (1, opened.budget // opened.rounds // 5)
    assert opened.pool.claimable(opened.lp) > 0


def test_views_of_rounds_that_are_not_final(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    for number in (0, 1, 2, 300):
        with refused("the round is not paid"):
            opened.scenario.reward_words(number)
    assert opened.scenario.history(0, 1) == 0
    with refused("no such client"):
        opened.scenario.history(64, 0)
    with refused("no such client"):
        opened.scenario.token_at(3)
    assert not opened.scenario.is_listed(2**255)
    with refused("not a client"):
        opened.scenario.index_of(boa.env.generate_address())
