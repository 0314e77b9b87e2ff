"""The same assessment in fresh processes that pretend to be other machines: same integers, same bits."""

import json
import os
import subprocess
import sys

import numpy as np

ASSESSMENT = """
import json, sys
import numpy as np
from wallstreetfeds.contribution import Game, exact_shapley, integer_scores
from wallstreetfeds.contribution.utilities.linear import linear_log_loss
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss

def number(*shape):
    '''Numbers of all sizes from integers alone: no library's random generator or function.'''
    count = int(np.prod(shape))
    raw = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(2654435761)) % np.uint64(1 << 32)
    return (raw.astype(np.float64) / 2.0**32 - 0.5).reshape(shape)

result = {}
threads = int(sys.argv[1])
for name, build, shapes in (
    ("logistic", linear_log_loss, [(6,), (1,)]),
    ("softmax", linear_log_loss, [(6, 3), (3,)]),
    ("network", mlp_log_loss, [(6, 13), (13,), (13, 3), (3,)]),
):
    features = 4 * number(101, 6)
    labels = np.arange(101) % (2 if name == "logistic" else 3)
    previous = [number(*shape) for shape in shapes]
    updates = [[old + number(9, *old.shape)[client] for old in previous] for client in range(8)]
    for absent in ("previous", "left out"):
        options = {"threads": threads, "absent": absent}
        utility = build(features, labels, previous, updates, np.arange(1.0, 9.0), **options)
        values = exact_shapley(Game(8, utility)).values.tolist()
        result[name + ", " + absent] = [[value.hex() for value in values], integer_scores(values)]
print(json.dumps(result))
"""


def assess(threads, **environment):
    run = subprocess.run(
        [sys.executable, "-c", ASSESSMENT, str(threads)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def numpy_features():
    """The processor features that this NumPy uses here and can do without."""
    config = np.show_config(mode="dicts")["SIMD Extensions"]
    return " ".join(config.get("found", []))


def test_another_processor_and_another_blas_give_the_same_bits():
    here = assess(1)
    assert [len(values) for values, _ in here.values()] == [8] * 6
    assert all(sum(scores) == 1_000_000_000 for _, scores in here.values())
    there = assess(
        2,
        NUMBA_CPU_NAME="generic",
        NUMBA_CPU_FEATURES="",
        NPY_DISABLE_CPU_FEATURES=numpy_features(),
        OPENBLAS_CORETYPE="Prescott",
    )
    assert there == here
