"""Scenario.submit_scores: once, by the federator, within the cap."""

import pytest
from onchain.world import EVIDENCE, WAD, Federation, event, packed, refused


@pytest.fixture
def federation(opened: Federation) -> Federation:
    """Round 1 is open."""
    opened.scenario.open_round(sender=opened.federator)
    return opened


def submit(federation: Federation, scores: list[int], number: int = 1) -> None:
    federation.scenario.submit_scores(number, packed(scores), EVIDENCE, sender=federation.federator)


def test_scores_are_published_with_their_evidence(federation: Federation) -> None:
    submit(federation, [3, 0, 7])
    assert event(federation.scenario, "ScoresSubmitted") == {
        "round": 1,
        "scores": packed([3, 0, 7]),
        "evidence_root": EVIDENCE,
    }
    assert federation.scenario.stage()[0] == 1
    assert federation.clock()[2:] == (1, 0)


def test_only_the_federator_submits(federation: Federation) -> None:
    with refused("not the federator"):
        federation.scenario.submit_scores(1, packed([1, 1, 1]), EVIDENCE, sender=federation.clients[0])


@pytest.mark.parametrize("number", [0, 2, 2**255])
def test_another_round_than_the_open_one_is_refused(federation: Federation, number: int) -> None:
    with refused("not the open round"):
        submit(federation, [1, 1, 1], number)


def test_without_an_open_round_nothing_is_submitted(opened: Federation) -> None:
    for number in (0, 1):
        with refused("not the open round"):
            submit(opened, [1, 1, 1], number)
    opened.round()
    with refused("not the open round"):
        submit(opened, [1, 1, 1], 1)


def test_scores_are_submitted_once(federation: Federation) -> None:
    submit(federation, [3, 0, 7])
    for scores in ([3, 0, 7], [1, 1, 1]):
        with refused("scores already submitted"):
            submit(federation, scores)


@pytest.mark.parametrize("place", [3, 4, 7, 8, 63])
def test_only_clients_have_scores(federation: Federation, place: int) -> None:
    scores = [0] * 64
    scores[place] = 1
    with refused("a score without a client"):
        submit(federation, scores)


def test_the_last_of_64_clients_has_a_score() -> None:
    federation = Federation(score_cap=64 * WAD).open(64)
    federation.scenario.open_round(sender=federation.federator)
    submit(federation, [*[0] * 63, 10**9])
    federation.scenario.finalize_round(1, packed([*[0] * 63, 10**9]))
    assert federation.scenario.history(63, 1) == federation.budget // federation.rounds


def test_a_sum_of_a_billion_is_the_most(federation: Federation) -> None:
    with refused("sum of scores above 10^9"):
        submit(federation, [400_000_000, 300_000_000, 300_000_001])
    submit(federation, [400_000_000, 300_000_000, 300_000_000])


def test_one_score_above_a_billion_is_refused(federation: Federation) -> None:
    for score in (10**9 + 1, 2**32 - 1):
        with refused("sum of scores above 10^9"):
            submit(federation, [0, score, 0])


def test_the_largest_scores_of_all_do_not_wrap_around() -> None:
    federation = Federation().open(64)
    federation.scenario.open_round(sender=federation.federator)
    with refused("sum of scores above 10^9"):
        submit(federation, [2**32 - 1] * 64)


BILLION = 10**9


@pytest.mark.parametrize(
    ("cap", "highest", "rest"),
    [
        # cap / n = 1/2 of a sum of 1,000: 500, and no tolerance.
        (2 * WAD, 500, [500, 0, 0]),
        # 1/2 of 1,001: 500.5, rounded down.
        (2 * WAD, 500, [500, 1, 0]),
        # 1.2 / 4 of 1,000: 300.
        (12 * WAD // 10, 300, [300, 300, 100]),
        (WAD, 250, [250, 250, 250]),
        # One unit for the rounding off-chain, where the sum is all of 10^9 and a unit a billionth of it.
        (2 * WAD, BILLION // 2 + 1, [BILLION // 2 - 1, 0, 0]),
        (WAD, BILLION // 4 + 1, [BILLION // 4, BILLION // 4, BILLION // 4 - 1]),
    ],
)
def test_a_score_is_at_most_the_cap(cap: int, highest: int, rest: list[int]) -> None:
    federation = Federation(score_cap=cap).open(4)
    federation.scenario.open_round(sender=federation.federator)
    # One unit moves from another client to the highest: the sum stays.
    with refused("score above the cap"):
        submit(federation, [highest + 1, rest[0] - 1, *rest[1:]])
    submit(federation, [highest, *rest])
    assert federation.scenario.stage()[0] == 1


def test_a_cap_above_the_number_of_clients_does_not_bind(federation: Federation) -> None:
    # cap 4, three clients: one may have everything.
    submit(federation, [10**9, 0, 0])


def test_a_single_client_gets_everything() -> None:
    federation = Federation(score_cap=WAD).open(1)
    federation.scenario.open_round(sender=federation.federator)
    submit(federation, [10**9])
    federation.scenario.finalize_round(1, packed([10**9]))
    assert federation.scenario.history(0, 1) == federation.budget // federation.rounds


def test_a_small_sum_does_not_void_the_cap() -> None:
    federation = Federation(score_cap=WAD).open(4)
    federation.scenario.open_round(sender=federation.federator)
    with refused("score above the cap"):
        submit(federation, [1, 0, 0, 0])
    submit(federation, [1, 1, 1, 1])
    assert federation.scenario.stage()[0] == 1


def test_all_zero_scores_are_accepted(federation: Federation) -> None:
    submit(federation, [0, 0, 0])
    assert federation.scenario.stage()[0] == 1
