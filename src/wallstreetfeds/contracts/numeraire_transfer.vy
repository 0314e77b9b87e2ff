# pragma version 0.4.3
"""
@title Moving the numeraire
@license Apache-2.0
@notice ERC-20 transfers that also work with tokens that return nothing, and refuse those that return false
        or deliver another amount than was asked (a fee on transfer).
"""

from ethereum.ercs import IERC20


def _pull(numeraire: address, sender: address, amount: uint256):
    """
    @notice Take exactly `amount` from `sender`, who has approved this contract.
    """
    before: uint256 = self._balance(numeraire, self)
    self._pull_to(numeraire, sender, amount, before + amount)


def _pull_to(numeraire: address, sender: address, amount: uint256, least: uint256):
    """
    @notice Take `amount` from `sender`; this contract must then have at least `least`, what its books say.
    """
    assert extcall IERC20(numeraire).transferFrom(
        sender, self, amount, default_return_value=True
    ), "numeraire transfer failed"
    assert staticcall IERC20(numeraire).balanceOf(self) >= least, "numeraire took a fee or rebased"


def _push(numeraire: address, receiver: address, amount: uint256):
    """
    @notice Send `amount` to `receiver`; nothing happens at zero.
    """
    if amount > 0:
        assert extcall IERC20(numeraire).transfer(
            receiver, amount, default_return_value=True
        ), "numeraire transfer failed"


def _push_exactly(numeraire: address, receiver: address, amount: uint256):
    """
    @notice Send `amount` to a receiver whose books depend on getting exactly that.
    """
    before: uint256 = self._balance(numeraire, receiver)
    self._push(numeraire, receiver, amount)
    assert self._balance(numeraire, receiver) == before + amount, "numeraire took a fee or rebased"


@view
def _balance(numeraire: address, holder: address) -> uint256:
    return staticcall IERC20(numeraire).balanceOf(holder)
