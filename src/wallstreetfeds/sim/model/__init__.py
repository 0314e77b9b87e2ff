"""The contracts in float64: the same rules and the same money, thousands of times faster.

`terms` what is fixed at creation · `clock` the schedule · `accounts` balances with record dates · `holdings`
who has what · `curve` the formulas · `opening` what a pool opens with · `pool` the market · `rounds` escrow,
scores, payments · `court` bonds and challenges · `federation` all of it together · `market` the seam over it
· `batch` and `kernels` many swaps at once.

SPEC.md describes the rules; tests/sim/model holds this package to the contracts within 1e-9.  Amounts are
whole tokens.  Smallest units appear where the contracts refuse what is too small, and nowhere else.  Left
out: the transfer gate, cancellation before the opening, allowances, transfers of LP shares, gifts to a pool.
"""
