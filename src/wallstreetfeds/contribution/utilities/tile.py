"""One tile of a dense layer in vector registers: the innermost loop of all hidden layers.

The sums of `LANES` validation rows by some units stay in registers while all inputs are added.
"""

from __future__ import annotations

from typing import Any, Final

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wallstreetfeds.contribution.utilities.vectors import VECTOR, load, spread, store

UNITS: Final = 5
"""Units of a wide tile: ten registers of sums on processors with vectors of four, of their sixteen."""


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
        offsets = [row.type(u) for u in range(units)]

        def at(index: Any) -> Any:
            return builder.add(builder.mul(index, rows), row)

        alloca: Any = cgutils.alloca_once
        sums = [alloca(builder, VECTOR) for _ in offsets]
        for place, offset in zip(sums, offsets, strict=True):
            builder.store(spread(builder, builder.gep(bias.data, [builder.add(unit, offset)])), place)
        with cgutils.for_range(builder, many) as loop:
            numbers = load(builder, inputs.data, at(loop.index))
            first = builder.add(builder.mul(loop.index, width), unit)
            for place, offset in zip(sums, offsets, strict=True):
                weight = spread(builder, builder.gep(weights.data, [builder.add(first, offset)]))
                builder.store(builder.fadd(builder.load(place), builder.fmul(numbers, weight)), place)
        for place, offset in zip(sums, offsets, strict=True):
            store(builder, builder.load(place), out.data, at(builder.add(unit, offset)))
        return context.get_dummy_value()

    return intrinsic(typed)


wide_tile: Final = _tile(UNITS)
narrow_tile: Final = _tile(1)
