# pragma version 0.4.3
"""
@notice Opens the internals of weighted_math to the tests, many cases a call.
"""

import weighted_math

struct Trade:
    balance_in: uint256
    weight_in: uint256
    balance_out: uint256
    weight_out: uint256
    amount_in: uint256


struct Ratio:
    numerator: uint256
    denominator: uint256


@pure
@external
def out_given_in(trade: Trade) -> uint256:
    return weighted_math._out_given_in(
        trade.balance_in, trade.weight_in, trade.balance_out, trade.weight_out, trade.amount_in
    )


@pure
@external
def out_given_in_many(trades: DynArray[Trade, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for trade: Trade in trades:
        results.append(
            weighted_math._out_given_in(
                trade.balance_in, trade.weight_in, trade.balance_out, trade.weight_out, trade.amount_in
            )
        )
    return results


@pure
@external
def in_given_out(trade: Trade) -> uint256:
    """
    @dev `amount_in` of the trade is what leaves.
    """
    return weighted_math._in_given_out(
        trade.balance_in, trade.weight_in, trade.balance_out, trade.weight_out, trade.amount_in
    )


@pure
@external
def in_given_out_many(trades: DynArray[Trade, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for trade: Trade in trades:
        results.append(
            weighted_math._in_given_out(
                trade.balance_in, trade.weight_in, trade.balance_out, trade.weight_out, trade.amount_in
            )
        )
    return results


@pure
@external
def log1p_many(ratios: DynArray[Ratio, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for ratio: Ratio in ratios:
        results.append(weighted_math._log1p(ratio.numerator, ratio.denominator))
    return results


@pure
@external
def one_minus_exp_many(exponents: DynArray[uint256, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for t: uint256 in exponents:
        results.append(weighted_math._one_minus_exp(t))
    return results
