"""Sums of the members' tensors, coalition after coalition, with about one addition each."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions


def walking_order(coalitions: Coalitions) -> NDArray[np.int64]:
    """Return the order (m,) in which neighbours of `coalitions` (m, n) share most of their last clients.

    It is the order of the coalitions' numbers, bit k for client k.
    """
    return np.asarray(np.lexsort(coalitions.T), dtype=np.int64)


class RunningSums:
    """The sums of `base` and the members' `parts`, for one coalition S after another.

    `base` is a tensor, `parts` (n, *base.shape) what each client adds, already multiplied by its share. The
    sum is built from the last client down to the first and every partial sum is kept, so a coalition costs
    one addition for each member up to the highest client in which it differs from the one before: one on
    average in `walking_order` over all 2**n coalitions. The order of additions depends on the members alone:
    the same coalition always gets the same bits, and a part of zeros changes none of them. Memory: n + 1
    tensors of the base's size beside the parts.
    """

    def __init__(self, base: torch.Tensor, parts: torch.Tensor, *, scaled: bool) -> None:
        """With `scaled` the parts are summed apart from the base, so that their sum can be multiplied."""
        self._base = base
        self._parts = parts
        self._buffers = torch.empty_like(parts)
        self._result = torch.empty_like(base) if scaled else None
        self._partial = [torch.zeros_like(base) if scaled else base] * (len(parts) + 1)
        self._members = [False] * len(parts)

    def of(self, members: NDArray[np.bool_], scale: float) -> torch.Tensor:
        """Return base + scale * sum of the `members`' (n,) parts; `scale` is 1 unless sums are `scaled`.

        The next call overwrites the tensor: read it, do not keep it.
        """
        row = members.tolist()
        highest = len(row) - 1
        while highest >= 0 and row[highest] == self._members[highest]:
            highest -= 1
        self._members = row
        for client in range(highest, -1, -1):
            total = self._partial[client + 1]
            if row[client]:
                total = torch.add(total, self._parts[client], out=self._buffers[client])
            self._partial[client] = total
        total = self._partial[0]
        if self._result is None:
            return total
        return torch.add(self._base, total, alpha=scale, out=self._result)
