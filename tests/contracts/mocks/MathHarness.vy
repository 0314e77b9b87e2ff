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


@pure
@external
def exp_minus_one_many(exponents: DynArray[uint256, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for t: uint256 in exponents:
        results.append(weighted_math._exp_minus_one(t))
    return results


@pure
@external
def atanh_over_z_many(squares: DynArray[uint256, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for z2: uint256 in squares:
        results.append(weighted_math._atanh_over_z(z2))
    return results


@pure
@external
def y_over_tanh_many(squares: DynArray[uint256, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for y2: uint256 in squares:
        results.append(weighted_math._y_over_tanh(y2))
    return results


struct SingleAsset:
    supply: uint256
    balance: uint256
    weight: uint256
    total_weight: uint256
    # what enters (join) or the shares that are burnt (exit)
    amount: uint256


@pure
@external
def shares_given_amount(case: SingleAsset) -> uint256:
    return weighted_math._shares_given_amount(
        case.supply, case.balance, case.weight, case.total_weight, case.amount
    )


@pure
@external
def shares_given_amount_many(cases: DynArray[SingleAsset, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for case: SingleAsset in cases:
        results.append(
            weighted_math._shares_given_amount(
                case.supply, case.balance, case.weight, case.total_weight, case.amount
            )
        )
    return results


@pure
@external
def amount_given_shares(case: SingleAsset) -> uint256:
    return weighted_math._amount_given_shares(
        case.supply, case.balance, case.weight, case.total_weight, case.amount
    )


@pure
@external
def amount_given_shares_many(cases: DynArray[SingleAsset, 100]) -> DynArray[uint256, 100]:
    results: DynArray[uint256, 100] = []
    for case: SingleAsset in cases:
        results.append(
            weighted_math._amount_given_shares(
                case.supply, case.balance, case.weight, case.total_weight, case.amount
            )
        )
    return results
