"""Sums that do not depend on the order of their terms.

Terms are rounded to a common grid, a power of two so coarse that every partial sum is a multiple of it below
2**53 units: no addition rounds, so any order, any subset and any number of threads give the same bits.
Source: the error-free "extraction" of Rump, Ogita, Oishi (2008), "Accurate floating-point summation, part I".
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

CHUNK: Final = 1 << 14
"""Terms of an exact sum split at once: 128 KB, so that all passes stay in a processor's cache."""
LARGEST_EXPONENT: Final = 1022


def on_grid(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `terms` (n, ...) rounded so that, at each position, sums over any of the n are exact.

    A term moves by at most 2**-52 times n times the largest magnitude at its position: what n roundings of an
    ordinary sum may cost. Zeros stay zeros and equal terms stay equal. Raises ValueError where sums could
    overflow.
    """
    shift = _shift(np.abs(terms).max(axis=0), len(terms))
    return np.asarray((terms + shift) - shift)


def exact_sum(terms: NDArray[np.float64]) -> float:
    """Return the correctly rounded sum of finite `terms` (n,): `math.fsum` to the bit, several times faster.

    Each pass takes the leading bits of a chunk's terms off, on a grid where their sum is exact; three or four
    passes leave nothing. Raises ValueError where sums could overflow.
    """
    sums = []
    for start in range(0, len(terms), CHUNK):
        rest = terms[start : start + CHUNK]
        while (largest := np.abs(rest).max()) > 0.0:
            shift = _shift(largest, len(rest))
            leading = (rest + shift) - shift
            sums.append(float(leading.sum()))
            rest = rest - leading
    return math.fsum(sums)


def _shift(largest: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return 1.5 * 2**e with 2**e > count * largest: adding and subtracting it rounds to multiples of
    2**(e - 52)."""
    exponent = np.frexp(largest)[1] + count.bit_length()
    if (exponent > LARGEST_EXPONENT).any():
        raise ValueError(f"numbers near {np.max(largest):.0e} are too large to be summed")
    return np.asarray(np.ldexp(1.5, exponent))
