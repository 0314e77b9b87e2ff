"""Sums of the members' deltas, for many coalitions: subset tables of small groups of clients.

A table holds the sums of all subsets of its group, so a coalition is one row of each table. From one
coalition to the next only the groups that changed are touched: in order of number, nearly always the first
one alone. All deltas are on a grid (`sums.on_grid`) on which no addition rounds. So the sum is a function of
the members alone, whatever the groups, the way it was reached and the order of the clients: a client whose
delta is zero changes no bit, and clients with equal deltas are equal to the bit.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions

TABLE_BYTES: Final = 1 << 18
"""Most memory of one table: it is read all the time and has to stay in a processor's second cache."""
LARGEST_GROUP: Final = 6


def group_size(coalitions: int, width: int) -> int:
    """Return how many clients share a table of rows of `width` numbers: 1 to 6.

    Few coalitions do not repay large tables, and wide rows fill the cache. Two clients share one even when
    their rows are too wide for it.
    """
    by_count = max(coalitions, 1).bit_length() - 1
    by_memory = max(TABLE_BYTES // (8 * width), 1).bit_length() - 1
    return max(1, min(by_count, max(by_memory, 2), LARGEST_GROUP))


def table_rows(coalitions: Coalitions, group: int) -> NDArray[np.int64]:
    """Return (m, groups): of each group of clients the subset that takes part, as the row of its table."""
    m, n = coalitions.shape
    rows = np.zeros((m, -(-n // group)), dtype=np.int64)
    _pack(np.ascontiguousarray(coalitions), group, rows)
    return rows


@numba.njit(nogil=True)
def _pack(coalitions: Coalitions, group: int, rows: NDArray[np.int64]) -> None:
    for m in range(coalitions.shape[0]):
        for client in range(coalitions.shape[1]):
            if coalitions[m, client]:
                rows[m, client // group] |= 1 << (client % group)


@numba.njit(nogil=True)
def subset_tables(deltas: NDArray[np.float64], base: NDArray[np.float64], group: int) -> NDArray[np.float64]:
    """Return (groups, 2**group, width): the sums of all subsets of each group's `deltas` (n, width).

    `base` (width,) is added to the first table, and so to every coalition.
    """
    clients, width = deltas.shape
    groups = -(-clients // group)
    tables = np.empty((groups, 1 << group, width))
    for g in range(groups):
        table = tables[g]
        for j in range(width):
            table[0, j] = 0.0 if g else base[j]
        for member in range(min(group, clients - g * group)):
            bit = 1 << member
            delta = deltas[g * group + member]
            for subset in range(bit):
                old, new = table[subset], table[subset + bit]
                for j in range(width):
                    new[j] = old[j] + delta[j]
    return tables


@numba.njit(nogil=True)
def move(rest: NDArray[np.float64], tables: NDArray[np.float64], index: NDArray[np.int64], m: int) -> None:
    """Turn `rest` (width,), the sums of all groups but the first, from coalition `m` - 1 to coalition `m`.

    `index` (coalitions, groups) are the coalitions' table rows. The first group, which changes most, is left
    to the caller to add in a pass of its own.
    """
    groups, _, width = tables.shape
    changed = groups
    if m:
        changed = 0
        for g in range(1, groups):
            changed += index[m, g] != index[m - 1, g]
    if 2 * changed >= groups:
        for j in range(width):
            rest[j] = 0.0
        for g in range(1, groups):
            new = tables[g, index[m, g]]
            for j in range(width):
                rest[j] += new[j]
    elif changed:
        for g in range(1, groups):
            if index[m, g] != index[m - 1, g]:
                new, old = tables[g, index[m, g]], tables[g, index[m - 1, g]]
                for j in range(width):
                    rest[j] += new[j] - old[j]
