"""Vectors of validation rows in LLVM's own terms: what the innermost loops are written in.

Numba has no vector type, and of the loops its compiler vectorises by itself a good part is remainders and
stores of partial sums. What is written here runs on `LANES` rows at once; every processor's code generator
cuts it to its size: the same operations in the same order, so the same bits. No fast-math; products are fused
with sums only where `fused` says so.
"""

from __future__ import annotations

import math
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils

LANES: Final = 8
"""Rows of a vector. Arrays with the rows last have a multiple of it."""

VECTOR: Final = ir.VectorType(ir.DoubleType(), LANES)
BITS: Final = ir.VectorType(ir.IntType(64), LANES)
ZERO: Final = ir.Constant(ir.IntType(32), 0)
FIRST_LANE: Final = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)

LN2: Final = math.log(2.0)
PER_LN2: Final = 1.0 / LN2
TO_INTEGER: Final = 1.5 * 2.0**52
"""Adding it to a small number rounds that to an integer, kept in the low bits of the sum."""
FARTHEST: Final = 708.0
"""exp(-708) is near the smallest normal float64; beyond, the exponential stays there."""
EXPONENT_AT: Final = 52
"""Where the exponent field of a float64 begins, in bits."""


def constant(number: float) -> Any:
    """Return the vector that has `number` in every lane."""
    return ir.Constant(VECTOR, [ir.Constant(ir.DoubleType(), number)] * LANES)


def spread(builder: Any, pointer: Any) -> Any:
    """Return the vector that has the number at `pointer` in every lane."""
    single = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), builder.load(pointer), ZERO)
    return builder.shuffle_vector(single, single, FIRST_LANE)


def lanes_at(builder: Any, data: Any, position: Any) -> Any:
    """Return a pointer to the vector that begins at `position` of the float64 numbers at `data`."""
    return builder.bitcast(builder.gep(data, [position]), VECTOR.as_pointer())


def load(builder: Any, data: Any, position: Any) -> Any:
    """Return the vector that begins at `position` of `data`, which need not be aligned to vectors."""
    return builder.load(lanes_at(builder, data, position), align=8)


def store(builder: Any, vector: Any, data: Any, position: Any) -> None:
    """Write `vector` to `data` from `position` on."""
    builder.store(vector, lanes_at(builder, data, position), align=8)


def greater(builder: Any, one: Any, other: Any) -> Any:
    """Return the larger number of each lane; that of `other` where either is not a number."""
    return builder.select(builder.fcmp_ordered(">", one, other), one, other)


def reduced(builder: Any, combine: Any, vector: Any) -> Any:
    """Return all lanes of `vector` combined by `combine` (two numbers to one), neighbours first."""
    numbers = [builder.extract_element(vector, ir.Constant(ir.IntType(32), lane)) for lane in range(LANES)]
    while len(numbers) > 1:
        numbers = [combine(one, other) for one, other in zip(numbers[::2], numbers[1::2], strict=True)]
    return numbers[0]


def fused(builder: Any, one: Any, other: Any, addend: Any) -> Any:
    """Return one * other + addend of vectors, rounded once. Where the processor cannot, a library does:
    the same bits, slowly."""
    kind: Any = ir.FunctionType(VECTOR, [VECTOR] * 3)
    insert: Any = cgutils.get_or_insert_function
    function = insert(builder.module, kind, f"llvm.fma.v{LANES}f64")
    return builder.call(function, [one, other, addend])


def exp_minus(builder: Any, x: Any) -> Any:
    """Return exp(-x) for x >= 0, within 2e-16; for x > 708 some 3e-308.

    -x = r - k ln 2 with |r| <= ln 2 / 2; exp(r) = 1 + r + r**2 q(r), q of degree 9 through Chebyshev nodes
    (its relative error is 1.6e-17), summed in pairs (Estrin); 2**-k is taken off the exponent field. The
    float64 nearest ln 2 is 2.3e-17 off: the relative error grows like x times 3e-17, the absolute one does
    not.
    """

    def sum_of(addend: float, factor: float) -> Any:
        return fused(builder, constant(factor), r, constant(addend))

    farthest, to_integer = constant(FARTHEST), constant(TO_INTEGER)
    bounded = builder.select(builder.fcmp_ordered(">", x, farthest), farthest, x)
    shifted = fused(builder, bounded, constant(PER_LN2), to_integer)
    k = builder.fsub(shifted, to_integer)
    r = fused(builder, k, constant(LN2), builder.fneg(bounded))
    s = builder.fmul(r, r)
    f = builder.fmul(s, s)
    low = fused(
        builder,
        sum_of(0.041666666666624164, 0.008333333333330065),
        s,
        sum_of(0.5000000000000001, 0.16666666666666669),
    )
    middle = fused(
        builder,
        sum_of(2.4801521322368692e-05, 2.7557268480310024e-06),
        s,
        sum_of(0.0013888888917196719, 0.00019841269863040545),
    )
    high = sum_of(2.7620075879983367e-07, 2.5100375832561234e-08)
    q = fused(builder, f, fused(builder, f, high, middle), low)
    power = builder.fadd(constant(1.0), fused(builder, s, q, r))
    places = ir.Constant(BITS, [ir.Constant(ir.IntType(64), EXPONENT_AT)] * LANES)
    exponent = builder.shl(builder.bitcast(shifted, BITS), places)
    return builder.bitcast(builder.sub(builder.bitcast(power, BITS), exponent), VECTOR)
