"""One module for all coalitions: its tensors are overwritten, and what coalitions share is computed once."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from wallstreetfeds.contribution.game import Coalitions
from wallstreetfeds.contribution.utilities.torch_state import Played
from wallstreetfeds.contribution.utilities.torch_sums import RunningSums

AFFINE: Final = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
"""Layers whose output is affine in their parameters."""

AGREEMENT: Final = 1e-3
"""How close, relatively, summed and computed outputs have to be: far above rounding, far below a mistake."""

LARGEST_WINDOW: Final = 4
"""Pooling windows up to this size are taken by slices."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes that one validation row takes.

    - `pass_bytes`: the outputs of all layers of one model.
    - `stem_bytes`: the running sums of the stem.
    - `output_bytes`: the output of one model, in float64.
    """

    pass_bytes: int
    stem_bytes: int
    output_bytes: int


class OneModel:
    """Outputs of coalitions, one after another, from one private copy of a module.

    - The copy's tensors are views of one flat vector; setting a coalition's model is one copy.
    - Where `stem` names the layer that reads the inputs, its output is the sum of the members' outputs,
      which are computed once a block of rows; the layer itself is not run again.
    - Max pooling over windows that do not overlap is taken as the maximum of slices: the same numbers, and
      many times faster on a CPU than the general operator, which also looks for indices.

    Not safe for two threads at once: give each its own.
    """

    def __init__(self, played: Played, *, stem: str | None) -> None:
        self._played = played
        self._module = quick_copy(played.module)
        self._flat = played.state.bind(self._module)
        self._models = RunningSums(played.base, played.moves, scaled=played.scaled)
        self._stem = None if stem is None else self._module.get_submodule(stem)

    def outputs(
        self, blocks: Sequence[torch.Tensor], coalitions: Coalitions, scale: NDArray[np.float64]
    ) -> torch.Tensor:
        """Return the outputs (m, rows, ...) of `coalitions` (m, n) on the rows of all `blocks`.

        `scale` (m,) multiplies the sum of each coalition's moves. `torch_sums.walking_order` is the fastest
        order of coalitions.
        """
        return torch.cat([self._block(rows, coalitions, scale.tolist()) for rows in blocks], dim=1)

    def _block(self, rows: torch.Tensor, coalitions: Coalitions, scale: list[float]) -> torch.Tensor:
        sums = None if self._stem is None else self._stem_sums(rows)
        results = []
        for members, by in zip(coalitions, scale, strict=True):
            self._flat.copy_(self._models.of(members, by))
            if self._stem is None or sums is None:
                results.append(self._module(rows).clone())
            else:
                with answering(self._stem, sums.of(members, by)):
                    results.append(self._module(rows).clone())
        return torch.stack(results)

    def footprint(self, rows: torch.Tensor) -> Footprint:
        """Return what one of `rows` takes, measured on a pass."""
        sizes = {"pass": rows.nbytes, "stem": 0}

        def weigh(layer: nn.Module, _: object, output: object) -> None:
            if isinstance(output, torch.Tensor):
                sizes["pass"] += output.nbytes
                if layer is self._stem:
                    sizes["stem"] += output.nbytes

        handles = [layer.register_forward_hook(weigh) for layer in self._module.modules()]
        self._flat.copy_(self._played.base)
        output = self._module(rows)
        for handle in handles:
            handle.remove()
        if not isinstance(output, torch.Tensor) or output.shape[:1] != rows.shape[:1]:
            raise ValueError("the module must return one tensor with a row for each row of its input")
        count = len(rows)
        held = 2 * len(self._played.moves) + 2
        return Footprint(
            sizes["pass"] // count, held * sizes["stem"] // count, output.double().nbytes // count
        )

    def _stem_sums(self, rows: torch.Tensor) -> RunningSums:
        """Return the running sums of the stem's output on `rows`."""
        assert self._stem is not None
        caught: list[torch.Tensor] = []
        handle = self._stem.register_forward_pre_hook(lambda _, args: caught.append(args[0]))
        self._flat.copy_(self._played.base)
        self._module(rows)
        handle.remove()
        base = self._stem(caught[0])
        parts = torch.empty((self._played.moves.shape[0], *base.shape), dtype=base.dtype)
        for client, move in enumerate(self._played.moves):
            self._flat.copy_(move)
            parts[client] = self._stem(caught[0])
        return RunningSums(base, parts, scaled=self._played.scaled)


def quick_copy(module: nn.Module) -> nn.Module:
    """Return a private copy in evaluation mode, without gradients and with quick max pooling."""
    private = copy.deepcopy(module).eval().requires_grad_(False)
    for layer in private.modules():
        if type(layer) is nn.MaxPool2d and (window := _window(layer)) is not None:
            layer.forward = partial(pooled, window=window)
    return private


def pooled(values: torch.Tensor, *, window: tuple[int, int]) -> torch.Tensor:
    """Return the maximum of every window of `values` (..., height, width); what is left over is cut off."""
    height, width = window
    rows, columns = values.shape[-2] // height * height, values.shape[-1] // width * width
    top = values[..., 0:rows:height, :columns]
    for offset in range(1, height):
        top = torch.maximum(top, values[..., offset:rows:height, :columns])
    best = top[..., 0::width]
    for offset in range(1, width):
        best = torch.maximum(best, top[..., offset::width])
    return best


def find_stem(played: Played, rows: torch.Tensor) -> str | None:
    """Return the name of the layer that sees the inputs before any client's update does, or None.

    It is the first layer entered in a pass whose tensors differ between the clients' models, if it is an
    affine layer that is entered once: no model then changes what it reads. Everybody's coalition is computed
    on `rows` with and without it, for modules that use a layer's tensors behind its back.
    """
    private = quick_copy(played.module)
    flat = played.state.bind(private)
    owners = set()
    for name, part in played.state.unflatten(played.moves).items():
        if (part != 0).any():
            owners.add(name.rpartition(".")[0])
    entered: list[str] = []
    for name, layer in private.named_modules():
        if name in owners:
            layer.register_forward_pre_hook(lambda _layer, _args, name=name: entered.append(name))
    flat.copy_(played.base)
    private(rows)
    if not entered or entered.count(entered[0]) > 1 or type(private.get_submodule(entered[0])) not in AFFINE:
        return None
    everybody = np.ones((1, len(played.moves)), dtype=np.bool_)
    summed, run = (
        OneModel(played, stem=stem).outputs([rows], everybody, np.ones(1)) for stem in (entered[0], None)
    )
    agree = torch.allclose(summed, run, rtol=AGREEMENT, atol=AGREEMENT * float(run.abs().max()))
    return entered[0] if agree else None


@contextmanager
def answering(layer: nn.Module, output: torch.Tensor) -> Iterator[None]:
    """Let the layer answer with `output`, whatever it is asked, for a while."""
    layer.forward = lambda _: output
    try:
        yield
    finally:
        del layer.forward


def _window(layer: nn.MaxPool2d) -> tuple[int, int] | None:
    """Return the window (height, width) of a pooling that is a maximum of slices, or None."""
    height, width = _pair(layer.kernel_size)
    plain = (
        _pair(layer.stride) == (height, width)
        and _pair(layer.padding) == (0, 0)
        and _pair(layer.dilation) == (1, 1)
        and not layer.ceil_mode
        and not layer.return_indices
        and max(height, width) <= LARGEST_WINDOW
    )
    return (height, width) if plain else None


def _pair(size: int | tuple[int, ...]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[-1])
