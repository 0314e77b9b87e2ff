"""The surrogate sampler: on logistic models and networks, absent clients counted either way."""

import numpy as np
import pytest

from tests.contribution.methods.federations import NaiveMlp, federation, linear_federation, trained_linear
from wallstreetfeds.contribution import (
    METHODS,
    Game,
    LogitUtility,
    LogLoss,
    exact_shapley,
    gtg_shapley,
    linear_log_loss,
    sampled_shapley,
    stratified_shapley,
    surrogate_shapley,
)
from wallstreetfeds.contribution.methods.surrogate import (
    NO_LOGITS,
    NO_LOGITS_NO_BUDGET,
    NOT_USED,
    half_way_slope,
)

KINDS = ["linear", "network"]
ABSENT = ["previous", "left out"]


def pearson(found, expected):
    return np.corrcoef(found, expected)[0, 1]


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("kind", KINDS)
def test_the_least_budget_already_ranks_and_sizes_clients(kind, absent):
    game = Game(8, federation(kind, 8, absent))
    exact = exact_shapley(game).values
    found = [surrogate_shapley(game, evaluations=2 * 8 + 9, seed=seed).values for seed in range(10)]
    assert np.median([pearson(values, exact) for values in found]) > (0.95 if kind == "network" else 0.99)


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("kind", KINDS)
def test_with_more_evaluations_the_estimate_tends_to_the_shapley_values(kind, absent):
    game = Game(6, federation(kind, 6, absent))
    exact = exact_shapley(game).values
    small, large = (
        np.mean([np.abs(surrogate_shapley(game, evaluations=e, seed=s).values - exact) for s in range(8)])
        for e in (60, 3_000)
    )
    assert large < 0.6 * small
    assert large < 0.006 * np.abs(exact).max()


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("kind", KINDS)
def test_standard_errors_say_how_far_estimates_lie(kind, absent):
    game = Game(7, federation(kind, 7, absent))
    exact = exact_shapley(game).values
    inside = []
    for seed in range(30):
        estimate = surrogate_shapley(game, evaluations=300, seed=seed)
        inside.append(np.abs(estimate.values - exact) <= 2.0 * estimate.standard_errors)
    assert np.mean(inside) > 0.89


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("kind", KINDS)
def test_values_sum_to_the_grand_coalition_less_the_empty_one(kind, absent):
    result = surrogate_shapley(Game(9, federation(kind, 9, absent)), evaluations=60, seed=2)
    assert result.values.sum() == pytest.approx(result.grand_utility - result.empty_utility, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_free_rider_is_worth_exactly_nothing_where_absent_clients_count_as_the_previous_model(kind):
    result = surrogate_shapley(Game(8, federation(kind, 8, "previous", 3)), evaluations=60)
    assert result.values[3] == 0.0
    assert result.standard_errors[3] == 0.0
    assert (np.delete(result.values, 3) != 0.0).all()


def test_a_client_without_weight_is_worth_exactly_nothing_where_absent_clients_are_left_out():
    with_data = linear_federation(5, absent="left out")
    deltas = np.concatenate([with_data._deltas, np.zeros_like(with_data._deltas[:1])])
    utility = LogLoss(with_data._base, deltas, with_data.labels, share=np.append(with_data.share, 0.0))
    game = Game(6, utility)
    result = surrogate_shapley(game, evaluations=200)
    assert result.values[5] == 0.0
    assert pearson(result.values, exact_shapley(game).values) > 0.99


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_counts_model_passes_and_coalitions_together(kind, absent, n):
    utility = (linear_federation if kind == "linear" else NaiveMlp)(n, absent=absent)
    passes, rows = [], []

    class Counting:
        labels, linear, share = utility.labels, utility.linear, utility.share

        def logits(self, weights):
            passes.append(len(weights))
            return utility.logits(weights)

        def __call__(self, coalitions):
            rows.append(len(coalitions))
            return utility(coalitions)

    result = surrogate_shapley(Game(n, Counting()), evaluations=90, seed=1)
    assert sum(passes) + sum(rows) == result.evaluations <= 90
    assert sum(passes) == (2 * n + 1 if kind == "network" and absent == "previous" else n + 1)


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("kind", KINDS)
def test_one_client_gets_everything(kind, absent):
    result = surrogate_shapley(Game(1, federation(kind, 1, absent)), evaluations=20)
    assert result.values[0] == pytest.approx(result.grand_utility - result.empty_utility, abs=1e-15)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("absent", ABSENT)
def test_two_and_three_clients_tend_to_the_exact_values(n, absent):
    game = Game(n, linear_federation(n, absent=absent))
    found = surrogate_shapley(game, evaluations=2_000).values
    assert found == pytest.approx(exact_shapley(game).values, abs=2e-3)


def test_the_slope_is_exact_to_second_order_in_the_size_of_updates():
    whole = linear_federation(6)
    errors = []
    for size in (0.2, 0.1):
        utility = LogLoss(whole._base, size * whole._deltas, whole.labels)
        slope, _ = half_way_slope(utility, 6)
        errors.append(np.abs(slope - exact_shapley(Game(6, utility)).values).max() / size)
    assert errors[0] < 1e-4
    assert errors[1] < 0.3 * errors[0]


def test_two_classes_with_one_logit_are_the_same_as_with_two():
    rng = np.random.default_rng(3)
    base, deltas = rng.normal(size=40), rng.normal(size=(5, 40)) / 3
    labels = rng.integers(0, 2, 40)
    one = LogLoss(base, deltas, labels)
    two = LogLoss(
        np.stack([np.zeros(40), base], axis=1), np.stack([np.zeros((5, 40)), deltas], axis=2), labels
    )
    assert half_way_slope(one, 5)[0] == pytest.approx(half_way_slope(two, 5)[0], abs=1e-14)


def test_a_surrogate_that_misleads_is_left_out():
    honest = linear_federation(7)

    class Misleading:
        labels, linear, share = honest.labels, True, None

        def logits(self, weights):
            return -5.0 * honest.logits(weights)  # points the wrong way

        def __call__(self, coalitions):
            return honest(coalitions)

    result = surrogate_shapley(Game(7, Misleading()), evaluations=2_000)
    assert result.note == NOT_USED
    assert result.values == pytest.approx(exact_shapley(Game(7, honest)).values, abs=1e-3)


def test_games_without_logits_are_sampled_by_permutations_and_say_so(games):
    result = surrogate_shapley(games.curved(10), evaluations=500, seed=4)
    assert result.note == NO_LOGITS
    assert (
        result.values.tolist() == sampled_shapley(games.curved(10), evaluations=500, seed=4).values.tolist()
    )
    assert surrogate_shapley(games.curved(30), evaluations=60).note == NO_LOGITS_NO_BUDGET


def test_both_engines_and_the_naive_network_show_their_logits():
    assert isinstance(linear_federation(3), LogitUtility)
    assert isinstance(NaiveMlp(3), LogitUtility)
    assert not isinstance(lambda coalitions: coalitions.sum(axis=1), LogitUtility)


@pytest.mark.parametrize("absent", ABSENT)
def test_updates_that_are_all_equal_to_the_previous_model_pay_nothing(absent):
    utility = LogLoss(np.zeros((9, 3)), np.zeros((4, 9, 3)), np.zeros(9), share=None)
    if absent == "left out":
        utility = LogLoss(np.zeros((9, 3)), np.zeros((4, 9, 3)), np.zeros(9), share=np.ones(4))
    assert surrogate_shapley(Game(4, utility)).values.tolist() == [0.0] * 4


@pytest.mark.parametrize("absent", ABSENT)
def test_refuses_a_budget_that_does_not_pay_for_its_passes(absent):
    utility = linear_federation(10, absent=absent)
    least = 19 if absent == "previous" else 29
    assert METHODS["surrogate"].least_evaluations(Game(10, utility)) == least
    assert surrogate_shapley(Game(10, utility), evaluations=least).evaluations == least
    with pytest.raises(ValueError, match=f"too few for 10 clients: at least {least}"):
        surrogate_shapley(Game(10, utility), evaluations=least - 1)


def test_refuses_logits_that_are_not_numbers_or_do_not_fit():
    honest = linear_federation(3)

    class Bad:
        labels, linear, share = honest.labels, True, None

        def __init__(self, change):
            self.change = change

        def logits(self, weights):
            return self.change(honest.logits(weights))

        def __call__(self, coalitions):
            return honest(coalitions)

    with pytest.raises(ValueError, match="not finite"):
        surrogate_shapley(Game(3, Bad(lambda logits: logits * np.nan)))
    with pytest.raises(ValueError, match="expected logits of shape"):
        surrogate_shapley(Game(3, Bad(lambda logits: logits[:, :, 0])))


@pytest.mark.parametrize("absent", ABSENT)
def test_fifty_clients_need_a_tenth_of_what_gtg_needs(absent):
    pytest.importorskip("sklearn")
    game = Game(50, digits_federation(50, absent))
    if absent == "previous":
        least, reference = 59, sampled_shapley(game, evaluations=4_000, seed=7).values
    else:
        least, reference = 109, stratified_shapley(game, evaluations=20 * 50 * 49 + 2, seed=7).values
    ours = [pearson(surrogate_shapley(game, evaluations=least, seed=s).values, reference) for s in range(3)]
    theirs = [pearson(gtg_shapley(game, evaluations=10 * least, seed=s).values, reference) for s in range(3)]
    assert min(ours) > 0.99
    assert max(theirs) < 0.99


def digits_federation(clients, absent):
    """Softmax regression on real digits, some local steps from zero, 33 images a client, 150 to validate."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    images = images / 16.0
    order = np.random.default_rng(0).permutation(len(labels))
    held, rest = order[:150], np.array_split(order[150:], clients)
    start = [np.zeros((64, 10)), np.zeros(10)]
    steps, rate = (10, 0.5) if absent == "previous" else (3, 0.3)
    updates = [trained_linear(*start, images[rows], labels[rows], steps, rate) for rows in rest]
    weights = np.array([len(rows) for rows in rest], dtype=float)
    return linear_log_loss(images[held], labels[held], start, updates, weights, absent=absent)
