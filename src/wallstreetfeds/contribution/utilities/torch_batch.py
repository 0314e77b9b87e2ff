"""Many coalition models in one pass: the module is mapped over a stack of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.func import functional_call, vmap

from wallstreetfeds.contribution.game import Coalitions
from wallstreetfeds.contribution.utilities.torch_loop import quick_copy
from wallstreetfeds.contribution.utilities.torch_state import Played

CONVOLUTIONS: Final = (nn.modules.conv._ConvNd,)
"""Layers that a CPU runs more slowly for many models at once (as grouped convolutions) than one by one."""


class ManyModels:
    """Outputs of coalitions, `models` at a time, by `torch.func.vmap` over their parameters.

    Every pass has the same number of models, the last one filled up with the previous model, so that a
    coalition's numbers do not depend on how many others are asked for.
    """

    def __init__(self, played: Played, *, models: int) -> None:
        self._played = played
        self._module = quick_copy(played.module)
        self._dtype = played.state.bind(self._module).dtype
        self._models = models

    def outputs(
        self, blocks: Sequence[torch.Tensor], coalitions: Coalitions, scale: NDArray[np.float64]
    ) -> torch.Tensor:
        """Return the outputs (m, rows, ...) of `coalitions` (m, n) on the rows of all `blocks`.

        `scale` (m,) multiplies the sum of each coalition's moves.
        """
        results = []
        for start in range(0, len(coalitions), self._models):
            chunk = slice(start, start + self._models)
            tensors = self._played.state.unflatten(self._vectors(coalitions[chunk], scale[chunk]))
            results.append(torch.cat([self._pass(tensors, rows) for rows in blocks], dim=1))
        return torch.cat(results)[: len(coalitions)]

    def _vectors(self, coalitions: Coalitions, scale: NDArray[np.float64]) -> torch.Tensor:
        """Return the flat models (models, size) of a chunk, in the module's dtype."""
        total = torch.zeros((self._models, self._played.base.shape[0]), dtype=torch.float64)
        for client, move in enumerate(self._played.moves):
            total[np.flatnonzero(coalitions[:, client])] += move
        total[: len(coalitions)] *= torch.from_numpy(scale)[:, None]
        return (total + self._played.base).to(self._dtype)

    def _pass(self, tensors: dict[str, torch.Tensor], rows: torch.Tensor) -> torch.Tensor:
        def one(model: dict[str, torch.Tensor]) -> torch.Tensor:
            return functional_call(self._module, model, (rows,))

        return vmap(one)(tensors)


def batchable(module: nn.Module) -> bool:
    """Return whether mapping over models is likely to pay: no layer is a convolution."""
    return not any(isinstance(layer, CONVOLUTIONS) for layer in module.modules())
