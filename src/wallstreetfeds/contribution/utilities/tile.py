"""One tile of a dense layer in vector registers: the innermost loop of all hidden layers.

Numba has no vector type, and the loops its compiler vectorises by itself load and store every partial sum.
Here the sums of `LANES` validation rows by some units stay in registers while all inputs are added. It is
written in LLVM's own vectors, which every processor's code generator cuts to its size: the same operations,
so the same bits.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES: Final = 8
"""Rows of a tile. Arrays with the rows last have a multiple of it."""
UNITS: Final = 5
"""Units of a wide tile: ten registers of sums on processors with vectors of four, of their sixteen."""

VECTOR: Final = ir.VectorType(ir.DoubleType(), LANES)
ZERO: Final = ir.Constant(ir.IntType(32), 0)
FIRST_LANE: Final = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)


def _tile(units: int) -> Any:
    """Return the intrinsic for a tile of `units` units.

    tile(inputs, weights, bias, out, row, unit) writes out[unit + u, row + l] = bias[unit + u] + the sum over
    i of inputs[i, row + l] * weights[i, unit + u], from the first i to the last, for all lanes l and units u.
    `inputs` (many, rows), `weights` (many, all units), `bias` (all units,) and `out` (all units, rows) are
    float64 and C contiguous; nothing checks bounds.
    """

    def typed(_context: Any, inputs: Any, weights: Any, bias: Any, out: Any, _row: Any, _unit: Any) -> Any:
        return types.void(inputs, weights, bias, out, types.intp, types.intp), _generate

    def _generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        inputs, weights, bias, out = (
            context.make_array(kind)(context, builder, array)
            for kind, array in zip(signature.args[:4], args[:4], strict=True)
        )
        row, unit = args[4:]
        many, rows = (builder.extract_value(inputs.shape, axis) for axis in (0, 1))
        width = builder.extract_value(weights.shape, 1)
        offsets = [ir.Constant(row.type, u) for u in range(units)]

        def spread(pointer: Any) -> Any:
            number = builder.load(pointer)
            single = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ZERO)
            return builder.shuffle_vector(single, single, FIRST_LANE)

        def lanes(array: Any, index: Any) -> Any:
            at = builder.add(builder.mul(index, rows), row)
            return builder.bitcast(builder.gep(array.data, [at]), VECTOR.as_pointer())

        alloca: Any = cgutils.alloca_once
        sums = [alloca(builder, VECTOR) for _ in offsets]
        for place, offset in zip(sums, offsets, strict=True):
            builder.store(spread(builder.gep(bias.data, [builder.add(unit, offset)])), place)
        with cgutils.for_range(builder, many) as loop:
            numbers = builder.load(lanes(inputs, loop.index), align=8)
            first = builder.add(builder.mul(loop.index, width), unit)
            for place, offset in zip(sums, offsets, strict=True):
                weight = spread(builder.gep(weights.data, [builder.add(first, offset)]))
                builder.store(builder.fadd(builder.load(place), builder.fmul(numbers, weight)), place)
        for place, offset in zip(sums, offsets, strict=True):
            builder.store(builder.load(place), lanes(out, builder.add(unit, offset)), align=8)
        return context.get_dummy_value()

    return intrinsic(typed)


wide_tile: Final = _tile(UNITS)
narrow_tile: Final = _tile(1)
