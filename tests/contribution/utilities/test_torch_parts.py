"""What the engine for PyTorch is made of: running sums, quick pooling, the layer that is summed."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra [torch]")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from wallstreetfeds.contribution.coalitions import members  # noqa: E402
from wallstreetfeds.contribution.utilities.torch_loop import answering, pooled, quick_copy  # noqa: E402
from wallstreetfeds.contribution.utilities.torch_sums import RunningSums, walking_order  # noqa: E402


def parts_of(clients, seed=0):
    rng = np.random.default_rng(seed)
    return torch.as_tensor(rng.normal(size=7)), torch.as_tensor(rng.normal(size=(clients, 7)))


def test_coalitions_are_walked_by_number():
    everybody = members(0, 32, 5)
    mixed = np.random.default_rng(0).permutation(32)
    assert np.array_equal(mixed[walking_order(everybody[mixed])], np.arange(32))


@pytest.mark.parametrize("scaled", [False, True])
def test_running_sums_are_the_sums_in_any_order_of_coalitions(scaled):
    base, parts = parts_of(5)
    sums = RunningSums(base, parts, scaled=scaled)
    rng = np.random.default_rng(1)
    for row in members(0, 32, 5)[rng.permutation(np.repeat(np.arange(32), 3))]:
        scale = float(rng.uniform(0.5, 2)) if scaled else 1.0
        expected = base + scale * parts[torch.as_tensor(np.flatnonzero(row))].sum(dim=0)
        assert torch.allclose(sums.of(row, scale), expected, rtol=1e-14)


def test_a_coalition_has_the_same_bits_whatever_came_before():
    base, parts = parts_of(6, seed=2)
    walked, jumped = RunningSums(base, parts, scaled=False), RunningSums(base, parts, scaled=False)
    everybody = members(0, 64, 6)
    expected = [walked.of(row, 1.0).clone() for row in everybody]
    for number in np.random.default_rng(3).permutation(64):
        assert torch.equal(jumped.of(everybody[number], 1.0), expected[number])


@pytest.mark.parametrize("window", [(2, 2), (3, 1), (1, 4), (3, 2)])
def test_quick_pooling_is_the_maximum_of_every_window(window):
    values = torch.as_tensor(np.random.default_rng(4).normal(size=(3, 2, 11, 9)))
    assert torch.equal(pooled(values, window=window), functional.max_pool2d(values, window))


def test_quick_pooling_passes_nan_on():
    values = torch.zeros(1, 1, 4, 4)
    values[0, 0, 1, 2] = torch.nan
    assert torch.equal(pooled(values, window=(2, 2)).isnan(), functional.max_pool2d(values, 2).isnan())


@pytest.mark.parametrize(
    "layer",
    [
        nn.MaxPool2d(2),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d(3, stride=1),
        nn.MaxPool2d(3, padding=1),
        nn.MaxPool2d(2, dilation=2),
        nn.MaxPool2d((1, 5)),
    ],
)
def test_every_kind_of_pooling_answers_as_before(layer):
    values = torch.as_tensor(np.random.default_rng(5).normal(size=(2, 3, 9, 9)))
    assert torch.equal(quick_copy(nn.Sequential(layer))(values), layer(values))


def test_only_plain_pooling_is_replaced():
    plain, padded = nn.MaxPool2d(2), nn.MaxPool2d(3, padding=1)
    copies = list(quick_copy(nn.Sequential(plain, padded)).children())
    assert "forward" in vars(copies[0])
    assert "forward" not in vars(copies[1])


def test_a_layer_answers_for_a_while_only():
    layer, values = nn.Linear(2, 2), torch.ones(1, 2)
    before = layer(values)
    with answering(layer, torch.zeros(1, 2)):
        assert torch.equal(layer(values), torch.zeros(1, 2))
    assert torch.equal(layer(values), before)
