"""Coalitions of PyTorch modules: against one forward pass a coalition, and what is promised about bits."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra [torch]")

from torch import nn  # noqa: E402

from wallstreetfeds.contribution import Game, ModelUtility, exact_shapley  # noqa: E402
from wallstreetfeds.contribution.coalitions import members  # noqa: E402
from wallstreetfeds.contribution.utilities.torch_models import torch_utility  # noqa: E402

CLIENTS = 5
EVERYBODY = members(0, 1 << CLIENTS, CLIENTS)


def small_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 3, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16, 3),
    )


def small_mlp():
    return nn.Sequential(nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 3))


def normalised_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, bias=False),
        nn.BatchNorm2d(3),
        nn.GELU(),
        nn.AvgPool2d(3),
        nn.Flatten(),
        nn.Linear(12, 3),
    )


class Residual(nn.Module):
    """Reads its inputs twice, so that no single layer stands between them and the rest."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(64, 64)
        self.out = nn.Linear(64, 3)

    def forward(self, inputs):
        return self.out(inputs + torch.relu(self.mix(self.mix(inputs))))


BRANCH = -0.09
"""Between the sums of biases that the coalitions of `setting` have."""


class Branching(nn.Module):
    """Looks at its numbers in Python, which no mapping over models can follow."""

    def __init__(self):
        super().__init__()
        self.out = nn.Linear(64, 3)

    def forward(self, inputs):
        outputs = self.out(inputs)
        return outputs if self.out.bias.sum().item() > BRANCH else 2 * outputs


class Scaled(nn.Module):
    """Has a parameter of its own in front of its first layer."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.out = nn.Linear(64, 3)

    def forward(self, inputs):
        return self.out(self.scale * inputs)


class BehindItsBack(nn.Module):
    """Scales its inputs by a tensor of a layer that it never calls."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(1, 1)
        self.out = nn.Linear(64, 3)

    def forward(self, inputs):
        return self.out(inputs * self.hidden.weight)


MODULES = {
    "behind its back": (BehindItsBack, (64,)),
    "cnn": (small_cnn, (1, 8, 8)),
    "mlp": (small_mlp, (64,)),
    "batch norm": (normalised_cnn, (1, 8, 8)),
    "layer used twice": (Residual, (64,)),
    "branches": (Branching, (64,)),
    "own parameter": (Scaled, (64,)),
}


def setting(name, *, dtype=torch.float32, seed=0, rows=23):
    """A module, a validation set, a previous model (state_dict order) and updates near it."""
    torch.manual_seed(seed)
    make, shape = MODULES[name]
    module = make().to(dtype)
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(rows, *shape))
    labels = rng.integers(0, 3, rows)
    previous = [tensor.numpy().copy() for tensor in module.state_dict().values()]
    updates = [
        [array + 0.1 * np.abs(rng.normal(size=array.shape)).astype(array.dtype) for array in previous]
        for _ in range(CLIENTS)
    ]
    return module, inputs, labels, previous, updates, np.arange(1.0, CLIENTS + 1)


def naive(module, inputs, labels, arrays):
    """Negative log-loss of one model: load it, run it, in float64."""
    names = list(module.state_dict())
    module.load_state_dict(
        {name: torch.as_tensor(array) for name, array in zip(names, arrays, strict=True)}, strict=True
    )
    with torch.no_grad():
        outputs = module.eval().double()(torch.as_tensor(inputs))
    return -float(nn.functional.cross_entropy(outputs, torch.as_tensor(labels)))


@pytest.mark.parametrize("absent", ["previous", "left out"])
@pytest.mark.parametrize("path", ["auto", "loop"])
@pytest.mark.parametrize("name", MODULES)
def test_equals_one_forward_pass_a_coalition(name, path, absent):
    module, inputs, labels, previous, updates, weights = setting(name, dtype=torch.float64)
    utility = torch_utility(
        module, "log-loss", inputs, labels, previous, updates, weights, path=path, absent=absent, batch=7
    )
    slow = ModelUtility(
        previous, updates, weights, lambda arrays: naive(module, inputs, labels, arrays), absent=absent
    )
    assert utility(EVERYBODY) == pytest.approx(slow(EVERYBODY), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "path", "stem"),
    [
        ("cnn", "loop", "0"),
        ("mlp", "batched", None),
        ("batch norm", "loop", "0"),
        ("layer used twice", "batched", None),
        ("branches", "loop", "out"),
        ("own parameter", "batched", None),
    ],
)
def test_the_path_is_batched_unless_the_module_convolves_or_cannot_be_mapped(name, path, stem):
    utility = torch_utility(setting(name)[0], "log-loss", *setting(name)[1:])
    assert (utility.path, utility.stem) == (path, stem)


@pytest.mark.parametrize("name", ["layer used twice", "own parameter", "behind its back"])
def test_no_layer_is_summed_where_its_input_depends_on_the_coalition(name):
    module, *rest = setting(name)
    assert torch_utility(module, "log-loss", *rest, path="loop").stem is None


@pytest.mark.parametrize(("name", "path"), [("cnn", "loop"), ("mlp", "loop"), ("mlp", "batched")])
def test_a_coalition_has_the_same_bits_whatever_surrounds_it_and_on_any_threads(name, path):
    module, *rest = setting(name)
    whole = torch_utility(module, "log-loss", *rest, path=path)(EVERYBODY)
    rng = np.random.default_rng(1)
    some = rng.permutation(len(EVERYBODY))[:9]
    two = torch_utility(module, "log-loss", *rest, path=path, threads=2)
    assert np.array_equal(two(EVERYBODY), whole)
    assert np.array_equal(two(EVERYBODY[some]), whole[some])


@pytest.mark.parametrize("name", ["cnn", "batch norm", "branches"])
def test_a_free_rider_is_worth_exactly_nothing(name):
    module, inputs, labels, previous, updates, weights = setting(name)
    updates[2] = previous
    utility = torch_utility(module, "log-loss", inputs, labels, previous, updates, weights)
    values = exact_shapley(Game(CLIENTS, utility)).values
    assert values[2] == 0.0
    assert (values[[0, 1, 3, 4]] != 0.0).all()


def test_little_memory_gives_the_same_values_in_smaller_pieces():
    module, *rest = setting("cnn", dtype=torch.float64)
    plenty = torch_utility(module, "log-loss", *rest)(EVERYBODY)
    assert torch_utility(module, "log-loss", *rest, memory=1000)(EVERYBODY) == pytest.approx(
        plenty, rel=1e-12
    )
    module, *rest = setting("mlp", dtype=torch.float64)
    plenty = torch_utility(module, "log-loss", *rest)(EVERYBODY)
    assert torch_utility(module, "log-loss", *rest, memory=1000)(EVERYBODY) == pytest.approx(
        plenty, rel=1e-12
    )


def test_the_module_and_its_mode_are_left_as_they_were():
    module, *rest = setting("batch norm")
    module.train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    torch_utility(module, "log-loss", *rest)(EVERYBODY)
    assert module.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_threads_of_the_process_are_set_back():
    module, *rest = setting("mlp")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch_utility(module, "log-loss", *rest)(EVERYBODY[:3])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("path", ["loop", "batched"])
def test_calls_from_several_threads_give_the_bits_of_one(path):
    module, *rest = setting("mlp")
    utility = torch_utility(module, "log-loss", *rest, path=path)
    before, expected = torch.get_num_threads(), utility(EVERYBODY)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(utility, [EVERYBODY] * 12))
    assert [one.tobytes() for one in found] == [expected.tobytes()] * 12
    assert torch.get_num_threads() == before


def test_parameters_alone_keep_the_buffers_of_the_module():
    module, inputs, labels, previous, updates, weights = setting("batch norm", dtype=torch.float64)
    names = list(module.state_dict())
    parameters = [names.index(name) for name, _ in module.named_parameters()]
    short = [[model[at] for at in parameters] for model in [previous, *updates]]
    frozen = [
        [new if at in parameters else old for at, (old, new) in enumerate(zip(previous, update, strict=True))]
        for update in updates
    ]
    by_parameters = torch_utility(module, "log-loss", inputs, labels, short[0], short[1:], weights)
    by_state = torch_utility(module, "log-loss", inputs, labels, previous, frozen, weights)
    assert by_parameters(EVERYBODY) == pytest.approx(by_state(EVERYBODY), rel=1e-12)


def test_a_metric_is_any_function_of_outputs_and_labels():
    module, inputs, labels, *rest = setting("mlp")
    loss = nn.MSELoss()
    targets = np.eye(3)[labels]
    own = torch_utility(module, lambda o, t: -loss(o, t), inputs, targets, *rest)(EVERYBODY)
    loop = torch_utility(module, lambda o, t: -((o - t) ** 2).mean(), inputs, targets, *rest, path="loop")
    assert own == pytest.approx(loop(EVERYBODY), rel=1e-5)
    assert len(set(own)) == len(EVERYBODY)


def test_accuracy_counts_rows():
    module, inputs, labels, *rest = setting("mlp", rows=40)
    values = torch_utility(module, "accuracy", inputs, labels, *rest)(EVERYBODY)
    assert np.array_equal(np.round(values * 40), values * 40)
    assert 0.0 < values.mean() < 1.0


@pytest.mark.parametrize("metric", ["log-loss", "accuracy"])
def test_two_classes_may_have_one_logit_or_two(metric):
    rng = np.random.default_rng(3)
    inputs, labels = rng.normal(size=(30, 4)), rng.integers(0, 2, 30)
    models = [[rng.normal(size=(1, 4)), rng.normal(size=1)] for _ in range(CLIENTS + 1)]
    twice = [[np.concatenate([np.zeros((1, 4)), w]), np.concatenate([[0.0], b])] for w, b in models]
    one = torch_utility(
        nn.Linear(4, 1).double(), metric, inputs, labels, models[0], models[1:], np.ones(CLIENTS)
    )
    two = torch_utility(
        nn.Linear(4, 2).double(), metric, inputs, labels, twice[0], twice[1:], np.ones(CLIENTS)
    )
    assert one(EVERYBODY) == pytest.approx(two(EVERYBODY), rel=1e-12)


def test_refuses_arrays_that_fit_neither_order():
    module, inputs, labels, previous, updates, weights = setting("batch norm")
    with pytest.raises(ValueError, match=r"has 3 arrays; the module has 5 parameters and 8 entries"):
        torch_utility(module, "log-loss", inputs, labels, previous[:3], updates, weights)


def test_refuses_what_does_not_fit_and_names_the_client():
    module, inputs, labels, previous, updates, weights = setting("mlp")
    updates[3] = updates[3][:-1]
    with pytest.raises(ValueError, match="update of client 3 has 3 arrays, expected 4"):
        torch_utility(module, "log-loss", inputs, labels, previous, updates, weights)
    updates[3] = [array * np.nan for array in previous]
    with pytest.raises(ValueError, match="update of client 3 has NaN or infinity"):
        torch_utility(module, "log-loss", inputs, labels, previous, updates, weights)
    updates[3] = [np.zeros((2, 2)), *previous[1:]]
    with pytest.raises(ValueError, match=r"update of client 3 has shape \(2, 2\) for 0.weight"):
        torch_utility(module, "log-loss", inputs, labels, previous, updates, weights)


def test_refuses_to_batch_what_cannot_be_mapped():
    module, *rest = setting("branches")
    with pytest.raises(ValueError, match="cannot map the module over models: use path='loop'"):
        torch_utility(module, "log-loss", *rest, path="batched")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "auc of nothing"}, "metric is a function or one of"),
        ({"labels": np.zeros(3)}, "as many rows"),
        ({"threads": 0}, "at least one thread"),
        ({"batch": 0}, "must be at least 1"),
        ({"absent": "gone"}, "absent clients count as"),
        ({"path": "fast"}, "the path is one of"),
        ({"module": nn.Flatten()}, "one floating-point dtype"),
    ],
)
def test_refuses_settings_that_mean_nothing(change, message):
    names = ("module", "inputs", "labels", "previous", "updates", "weights")
    given = dict(zip(names, setting("mlp"), strict=True)) | {"metric": "log-loss"} | change
    with pytest.raises(ValueError, match=message):
        torch_utility(**given)


def test_refuses_a_module_that_does_not_answer_row_by_row():
    module, *rest = setting("mlp")
    with pytest.raises(ValueError, match="one tensor with a row for each row"):
        torch_utility(nn.Sequential(*module, nn.Flatten(0), nn.Unflatten(0, (1, -1))), "log-loss", *rest)


@pytest.mark.parametrize("metric", ["log-loss", "accuracy"])
@pytest.mark.parametrize(
    ("outputs", "labels", "most"),
    [
        (1, [1, 2], 1),
        (1, [-1, 1], 1),
        (1, [0.25, 0.5], 1),
        (1, [np.nan, 0.0], 1),
        (3, [0.9, 1.9], 2),
        (3, [1, 3], 2),
        (3, [-1, 0], 2),
        (3, [np.nan, 0.0], 2),
    ],
)
def test_named_metrics_refuse_labels_that_are_no_classes(metric, outputs, labels, most):
    module = nn.Linear(4, outputs)
    model = [tensor.numpy() for tensor in module.state_dict().values()]
    with pytest.raises(ValueError, match=f"labels must be integers from 0 to {most}"):
        torch_utility(module, metric, np.ones((2, 4)), np.array(labels), model, [model], np.ones(1))


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("metric", ["log-loss", "accuracy"])
def test_named_metrics_take_classes_of_any_number_type_and_as_a_column(metric, outputs):
    module = nn.Linear(4, outputs)
    model = [tensor.numpy() for tensor in module.state_dict().values()]
    inputs, labels = np.random.default_rng(1).normal(size=(9, 4)), np.arange(9) % 2
    forms = [labels, labels.astype(float), labels == 1, labels[:, None], torch.as_tensor(labels)]
    nobody = np.zeros((1, 1), dtype=np.bool_)
    found = [
        torch_utility(module, metric, inputs, form, model, [model], np.ones(1))(nobody) for form in forms
    ]
    assert len({one.tobytes() for one in found}) == 1


def test_a_named_metric_refuses_outputs_that_are_no_logits():
    module, inputs, labels, previous, updates, weights = setting("mlp")
    boxes = nn.Sequential(*module, nn.Unflatten(1, (3, 1, 1)))
    with pytest.raises(ValueError, match=r"the module returns \(rows, 3, 1, 1\): give a function"):
        torch_utility(boxes, "accuracy", inputs, labels, previous, updates, weights)


def test_later_changes_to_the_validation_set_change_nothing():
    module, inputs, labels, *rest = setting("mlp")
    inputs = inputs.astype(np.float32)
    utility = torch_utility(module, "log-loss", inputs, labels, *rest)
    before = utility(EVERYBODY)
    inputs[:], labels[:] = 0.0, 0
    assert utility(EVERYBODY).tobytes() == before.tobytes()
