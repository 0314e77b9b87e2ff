"""How the arrays of a model lie in a PyTorch module: which tensors take part, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from wallstreetfeds.contribution.sums import on_grid
from wallstreetfeds.contribution.utilities.models import Arrays


class State:
    """The tensors of a module that a coalition's model sets, as one flat float64 vector.

    A model is a sequence of arrays, either in the order of `module.state_dict()` (parameters and persistent
    buffers, what `[t.numpy() for t in module.state_dict().values()]` gives) or of `module.parameters()`.
    Floating-point tensors are aggregated, BatchNorm's running mean and variance like any parameter, as
    federated averaging does. Integer tensors, such as BatchNorm's count of batches, keep the value they have
    in `previous`: an average of counts means nothing, and evaluation does not read them. Buffers that the
    arrays leave out keep the value they have in the module.
    """

    def __init__(self, module: nn.Module, previous: Arrays) -> None:
        """Raises ValueError when `previous` fits neither order."""
        everything = list(module.state_dict())
        parameters = [name for name, _ in module.named_parameters()]
        if len(previous) == len(everything):
            self.names = everything
        elif len(previous) == len(parameters):
            self.names = parameters
        else:
            raise ValueError(
                f"the previous model has {len(previous)} arrays; the module has {len(parameters)} parameters "
                f"and {len(everything)} entries in its state_dict: give one of the two"
            )
        tensors = module.state_dict()
        self.shapes = [tuple(tensors[name].shape) for name in self.names]
        self.averaged = [tensors[name].is_floating_point() for name in self.names]
        self._previous = [np.asarray(array) for array in previous]
        self.vector(previous, "the previous model")

    @property
    def size(self) -> int:
        """Numbers in the flat vector."""
        return sum(
            int(np.prod(shape)) for shape, used in zip(self.shapes, self.averaged, strict=True) if used
        )

    def vector(self, arrays: Arrays, whose: str) -> NDArray[np.float64]:
        """Return the floating-point arrays of a model, one after another, as float64 (size,).

        Raises ValueError on a number of arrays or a shape that does not fit, and on NaN or infinity.
        """
        if len(arrays) != len(self.names):
            raise ValueError(f"{whose} has {len(arrays)} arrays, expected {len(self.names)}")
        flat = [np.zeros(0)]
        for name, shape, used, array in zip(self.names, self.shapes, self.averaged, arrays, strict=True):
            values = np.asarray(array)
            if values.shape != shape:
                raise ValueError(f"{whose} has shape {values.shape} for {name}, expected {shape}")
            if used:
                flat.append(values.astype(np.float64).ravel())
        vector = np.concatenate(flat)
        if not np.isfinite(vector).all():
            raise ValueError(f"{whose} has NaN or infinity")
        return vector

    def bind(self, module: nn.Module) -> torch.Tensor:
        """Make the module's tensors views of one new flat vector, and return it: writing it sets the model.

        The vector (size,) has the dtype of the module; integer tensors are set to their previous values once.
        """
        tensors = dict(module.named_parameters(remove_duplicate=False)) | dict(
            module.named_buffers(remove_duplicate=False)
        )
        flat = torch.zeros(self.size, dtype=float_dtype(module))
        start = 0
        for name, used, old in zip(self.names, self.averaged, self._previous, strict=True):
            tensor = tensors[name]
            if used:
                tensor.data = flat[start : start + tensor.numel()].view(tensor.shape)
                start += tensor.numel()
            else:
                tensor.data = torch.as_tensor(old.copy()).to(tensor.dtype)
        return flat

    def unflatten(self, vectors: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the tensors by name (m, *shape) of flat `vectors` (m, size)."""
        parts: dict[str, torch.Tensor] = {}
        start = 0
        for name, shape, used in zip(self.names, self.shapes, self.averaged, strict=True):
            if used:
                count = int(np.prod(shape))
                parts[name] = vectors[:, start : start + count].reshape(-1, *shape)
                start += count
        return parts


def float_dtype(module: nn.Module) -> torch.dtype:
    """Return the one floating-point dtype of the module's tensors.

    Raises ValueError when there is none, more than one, or when a tensor is not on the CPU.
    """
    tensors = [*module.parameters(), *module.buffers()]
    kinds = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}
    if len(kinds) != 1:
        raise ValueError(f"the module must have one floating-point dtype, it has {sorted(map(str, kinds))}")
    if any(tensor.device.type != "cpu" for tensor in tensors):
        raise ValueError("the module must be on the CPU: module.cpu()")
    return kinds.pop()


@dataclass(frozen=True, slots=True)
class Played:
    """One round of a module: its previous model and what each client's update adds to it, flat.

    - `base` (size,), `moves` (n, size): float64; the moves are multiplied by the clients' shares and lie on a
      grid on which no sum rounds.
    - `scaled`: whether the sum of a coalition's moves is multiplied by a number of its own.
    """

    module: nn.Module
    state: State
    base: torch.Tensor
    moves: torch.Tensor
    scaled: bool

    @classmethod
    def of(
        cls,
        module: nn.Module,
        previous: Arrays,
        updates: Sequence[Arrays],
        share: NDArray[np.float64],
        *,
        scaled: bool,
    ) -> Self:
        """Return the round of `previous` and `updates`; `share` (n,) are the clients' weights.

        Raises ValueError as `State` and `State.vector`, naming the client.
        """
        state = State(module, previous)
        base = state.vector(previous, "the previous model")
        moves = np.empty((len(updates), base.size))
        for client, update in enumerate(updates):
            moves[client] = share[client] * (state.vector(update, f"the update of client {client}") - base)
        return cls(module, state, torch.from_numpy(base), torch.from_numpy(on_grid(moves)), scaled)
