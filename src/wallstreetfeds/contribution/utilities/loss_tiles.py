"""Log-loss of one vector of validation rows at a time: the innermost loops of all utilities.

A loss is left as what is added over rows and what is multiplied, so that one logarithm serves many rows.
Arrays are float64 and C contiguous; nothing checks bounds.
"""

from __future__ import annotations

from typing import Any, Final

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wallstreetfeds.contribution.utilities.vectors import (
    LANES,
    VECTOR,
    constant,
    exp_minus,
    greater,
    load,
    reduced,
    store,
)


def _arrays(context: Any, builder: Any, signature: Any, args: Any) -> list[Any]:
    """Return those of an intrinsic's arguments that are arrays."""
    kinds = [kind for kind in signature.args if isinstance(kind, types.Array)]
    return [
        context.make_array(kind)(context, builder, array) for kind, array in zip(kinds, args, strict=False)
    ]


def _logistic_tile(_context: Any, margins: Any, addends: Any, factors: Any, _row: Any) -> Any:
    """logistic_tile(margins, addends, factors, row): of the `LANES` margins (rows,) from `row` on, the losses
    log(1 + exp(-margin)) as addends plus logarithms of factors between 1 and 2."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values, sums, products = _arrays(context, builder, signature, args)
        margin = load(builder, values.data, args[3])
        minus = builder.fsub(constant(-0.0), margin)
        size = builder.select(builder.fcmp_ordered("<", margin, constant(0.0)), minus, margin)
        store(builder, builder.fadd(constant(1.0), exp_minus(builder, size)), products.data, args[3])
        shortfall = builder.select(builder.fcmp_ordered("<", minus, constant(0.0)), constant(0.0), minus)
        store(builder, shortfall, sums.data, args[3])
        return context.get_dummy_value()

    return types.void(margins, addends, factors, types.intp), generate


def _softmax_tile(_context: Any, logits: Any, highest: Any, factors: Any, _row: Any) -> Any:
    """softmax_tile(logits, highest, factors, row): of the `LANES` rows from `row` on of `logits`
    (classes, rows) the highest logit, and the sum over classes of exp(logit - highest), from the
    first class to the last."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values, tops, sums = _arrays(context, builder, signature, args)
        row = args[3]
        classes, rows = (builder.extract_value(values.shape, axis) for axis in (0, 1))
        alloca: Any = cgutils.alloca_once

        def logit(c: Any) -> Any:
            return load(builder, values.data, builder.add(builder.mul(c, rows), row))

        top = alloca(builder, VECTOR)
        builder.store(load(builder, values.data, row), top)
        with cgutils.for_range(builder, classes, start=row.type(1)) as loop:
            builder.store(greater(builder, builder.load(top), logit(loop.index)), top)
        total = alloca(builder, VECTOR)
        builder.store(constant(0.0), total)
        with cgutils.for_range(builder, classes) as loop:
            power = exp_minus(builder, builder.fsub(builder.load(top), logit(loop.index)))
            builder.store(builder.fadd(builder.load(total), power), total)
        store(builder, builder.load(top), tops.data, row)
        store(builder, builder.load(total), sums.data, row)
        return context.get_dummy_value()

    return types.void(logits, highest, factors, types.intp), generate


def _sum_and_product(_context: Any, addends: Any, factors: Any, _rows: Any) -> Any:
    """sum_and_product(addends, factors, rows): the sum of the first `rows` addends (rows,) and the product of
    as many factors; `rows` a multiple of `LANES`. Every `LANES`-th is combined with each other, then the
    results."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        numbers, powers = _arrays(context, builder, signature, args)
        alloca: Any = cgutils.alloca_once
        total, product = alloca(builder, VECTOR), alloca(builder, VECTOR)
        builder.store(constant(0.0), total)
        builder.store(constant(1.0), product)
        step = args[2].type(LANES)
        with cgutils.for_range_slice(builder, step.type(0), args[2], step, inc=True) as (at, _):
            builder.store(builder.fadd(builder.load(total), load(builder, numbers.data, at)), total)
            builder.store(builder.fmul(builder.load(product), load(builder, powers.data, at)), product)
        both = [
            reduced(builder, builder.fadd, builder.load(total)),
            reduced(builder, builder.fmul, builder.load(product)),
        ]
        return context.make_tuple(builder, signature.return_type, both)

    numbers: Any = types.UniTuple
    return numbers(types.float64, 2)(addends, factors, types.intp), generate


logistic_tile: Final[Any] = intrinsic(_logistic_tile)
softmax_tile: Final[Any] = intrinsic(_softmax_tile)
sum_and_product: Final[Any] = intrinsic(_sum_and_product)
