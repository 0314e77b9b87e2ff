"""Coalitions of PyTorch modules of any architecture (needs the optional package torch)."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions, whole
from wallstreetfeds.contribution.game import Coalitions
from wallstreetfeds.contribution.utilities.models import (
    Absent,
    Arrays,
    left_out,
    scales,
    shares,
)
from wallstreetfeds.contribution.utilities.threads import checked_threads, in_parallel

try:
    import torch
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "modules of PyTorch need the optional package torch: pip install 'wallstreetfeds[torch]'",
        name="torch",
    ) from error

from torch import nn

from wallstreetfeds.contribution.utilities.torch_batch import ManyModels, batchable
from wallstreetfeds.contribution.utilities.torch_loop import OneModel, find_stem
from wallstreetfeds.contribution.utilities.torch_metrics import (
    Metric,
    MetricName,
    Stacked,
    classes_of,
    stacked,
)
from wallstreetfeds.contribution.utilities.torch_state import Played, float_dtype
from wallstreetfeds.contribution.utilities.torch_sums import walking_order

Path = Literal["auto", "batched", "loop"]

MEMORY: Final = 1 << 28
"""Bytes for the intermediate results of one thread."""

BATCH: Final = 250
"""Validation rows in one pass: with fewer the calls show, with more only the memory grows."""

MOST_MODELS: Final = 64
"""Models in one batched pass; more gain nothing on a CPU."""

MOST_CLIENTS_STEM: Final = 20
"""Above it coalitions are samples that share few clients, and summing the first layer does not pay."""

ONE_CALL: Final = RLock()
"""Held during a call: workers are overwritten, and PyTorch has one number of threads for the process."""


class TorchUtility:
    """Utility of coalitions of a PyTorch module; `torch_utility` says what it promises and makes one."""

    def __init__(
        self,
        workers: Sequence[ManyModels | OneModel],
        blocks: Sequence[torch.Tensor],
        labels: torch.Tensor,
        metric: Stacked,
        *,
        share: NDArray[np.float64],
        scaled: bool,
        coalitions_at_once: int,
        path: Literal["batched", "loop"],
        stem: str | None,
    ) -> None:
        self.clients = len(share)
        """Number of clients n."""
        self.path = path
        """How coalitions are evaluated: "batched" or "loop"."""
        self.stem = stem
        """Name of the layer whose outputs are summed rather than computed, or None."""
        self._workers = workers
        self._blocks = blocks
        self._labels = labels
        self._metric = metric
        self._share = share if scaled else None
        self._at_once = coalitions_at_once

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        values = np.empty(len(coalitions))
        order = walking_order(coalitions)
        free = list(self._workers)

        def work(part: slice) -> None:
            worker = free.pop()
            with torch.inference_mode():
                for start in range(part.start, part.stop, self._at_once):
                    rows = order[start : min(start + self._at_once, part.stop)]
                    values[rows] = self._values(worker, coalitions[rows])

        with ONE_CALL:
            threads = torch.get_num_threads()
            torch.set_num_threads(1)
            try:
                in_parallel(work, len(coalitions), len(self._workers))
            finally:
                torch.set_num_threads(threads)
        return values

    def _values(self, worker: ManyModels | OneModel, coalitions: Coalitions) -> NDArray[np.float64]:
        outputs = worker.outputs(self._blocks, coalitions, scales(coalitions, self._share))
        return np.asarray(self._metric(outputs.double(), self._labels))


def torch_utility(
    module: nn.Module,
    metric: Metric | MetricName,
    inputs: Any,
    labels: Any,
    previous: Arrays,
    updates: Sequence[Arrays],
    weights: NDArray[np.float64],
    *,
    absent: Absent = "previous",
    batch: int = BATCH,
    threads: int = 1,
    path: Path = "auto",
    memory: int = MEMORY,
) -> TorchUtility:
    """Return the utility of coalitions of a PyTorch module.

    - `module`: says the architecture; it is copied and never changed. Evaluation mode, no gradients, CPU.
    - `metric`: "log-loss" (negative mean in nats, of logits (rows, classes), or (rows,) or (rows, 1) for two
      classes), "accuracy", or a function of a model's outputs on all rows (in float64) and the labels, higher
      is better: `lambda outputs, labels: -loss(outputs, labels)` for a loss.
    - `inputs` (rows, ...), `labels` (rows, ...): validation set, arrays or tensors, of which copies are
      kept. Floating-point inputs are cast to the module's dtype. For the named metrics labels are classes,
      integers from 0, (rows,) or (rows, 1); a function gets them as they are.
    - `previous`, `updates`, `weights` (n,), `absent`: as in `utilities.models`. The arrays are in the order
      of `module.state_dict()` or of `module.parameters()`; for buffers see `torch_state.State`.
    - `batch`: rows in one pass. `threads`: coalitions are split over them; PyTorch's own threads are set to
      one during a call, for the whole process, and back afterwards. Calls from several threads, of any of
      these utilities, wait for one another.
    - `path`: "batched" maps the module over a stack of models (`torch.func.vmap`); "loop" overwrites the
      tensors of one copy, and sums the outputs of the first affine layer instead of running it; "auto" is
      "loop" where there are convolutions or where the module cannot be mapped.
    - `memory`: bytes for the intermediate results of a thread; batches and stacks are made smaller to stay
      within. Beside it there are n + 1 float64 models, and n more and a copy of the module a thread.

    Promised: on one machine, with one build of PyTorch and the same arguments, a coalition has the same bits
    whatever surrounds it and with any number of threads, and on the "loop" path a free-rider is worth exactly
    0.0 under the default rule for absent clients. Not promised: the same bits elsewhere (libraries sum in an
    order of the processor's choosing), or on another path; expect the module's precision, 1e-6 for float32.
    Raises ValueError on what does not fit.
    """
    if path not in get_args(Path):
        raise ValueError(f"the path is one of {get_args(Path)}, got {path!r}")
    if whole(batch, "a batch of rows") < 1 or whole(memory, "the memory") < 1:
        raise ValueError(f"a batch of rows and the memory must be at least 1, got {batch} and {memory}")
    threads = checked_threads(threads)
    metrics = stacked(metric)
    share = shares(weights, len(updates))
    rows, targets = _validation(inputs, labels, float_dtype(module))
    played = Played.of(module, previous, updates, share, scaled=left_out(absent))
    few = rows[:2]
    workers: list[ManyModels | OneModel]
    with torch.inference_mode():
        one = OneModel(played, stem=None)
        size = one.footprint(few)
        if not callable(metric):
            nobody = np.zeros((1, len(share)), dtype=np.bool_)
            targets = classes_of(targets, one.outputs([few], nobody, np.ones(1)))
        batch = max(1, min(batch, memory // size.pass_bytes))
        each = 3 * played.base.nbytes + batch * size.pass_bytes
        models = max(1, min(MOST_MODELS, memory // each))
        stem = None
        wanted = path == "batched" or (path == "auto" and batchable(module))
        mapped = wanted and _maps(played, few, models)
        if path == "batched" and not mapped:
            raise ValueError("torch.func.vmap cannot map the module over models: use path='loop'")
        if mapped:
            workers = [ManyModels(played, models=models) for _ in range(threads)]
        else:
            stem = find_stem(played, few) if len(share) <= MOST_CLIENTS_STEM else None
            size = OneModel(played, stem=stem).footprint(few)
            batch = max(1, min(batch, memory // (size.pass_bytes + size.stem_bytes)))
            workers = [OneModel(played, stem=stem) for _ in range(threads)]
    return TorchUtility(
        workers,
        rows.split(batch),
        targets,
        metrics,
        share=share,
        scaled=played.scaled,
        coalitions_at_once=max(1, memory // (2 * len(rows) * size.output_bytes)),
        path="batched" if isinstance(workers[0], ManyModels) else "loop",
        stem=stem,
    )


def _maps(played: Played, rows: torch.Tensor, models: int) -> bool:
    """Return whether the module can be mapped over models."""
    nobody = np.zeros((1, len(played.moves)), dtype=np.bool_)
    try:
        ManyModels(played, models=models).outputs([rows], nobody, np.ones(1))
    except (RuntimeError, ValueError, NotImplementedError):
        # What torch.func raises for what it cannot map: changes in place, random numbers, branches on values.
        # A module that is broken raises again on the loop path, where nothing is caught.
        return False
    return True


def _validation(inputs: Any, labels: Any, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    rows, targets = torch.as_tensor(inputs).clone(), torch.as_tensor(labels).clone()
    if rows.ndim < 1 or len(rows) == 0 or targets.ndim < 1 or len(rows) != len(targets):
        raise ValueError(
            f"inputs and labels must have as many rows, at least one; got {tuple(rows.shape)} and "
            f"{tuple(targets.shape)}"
        )
    return (rows.to(dtype) if rows.is_floating_point() else rows), targets
