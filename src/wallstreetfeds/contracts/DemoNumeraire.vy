# pragma version 0.4.3
"""
@title Demo numeraire
@license Apache-2.0
@notice A stand-in for a stablecoin on development chains: whoever deployed it can mint.  Worth nothing.
"""

from ethereum.ercs import IERC20

implements: IERC20

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256


name: public(constant(String[32])) = "Demo dollar"
symbol: public(constant(String[8])) = "DEMO"

decimals: public(immutable(uint8))
minter: public(immutable(address))
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__(decimals_: uint8):
    """
    @param decimals_ Decimals of the smallest unit
    """
    decimals = decimals_
    minter = msg.sender


@external
def mint(receiver: address, amount: uint256):
    """
    @notice Make money; the deployer only.
    """
    assert msg.sender == minter, "not the minter"
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Send `amount` smallest units.
    """
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Send `amount` smallest units of an owner that has approved the caller.
    """
    allowed: uint256 = self.allowance[owner][msg.sender]
    assert allowed >= amount, "allowance too small"
    if allowed != max_value(uint256):
        self.allowance[owner][msg.sender] = allowed - amount
    self._move(owner, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let `spender` move up to `amount`; 2^256 - 1 is never used up.
    """
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, amount=amount)
    return True


def _move(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "transfer to the zero address"
    assert self.balanceOf[sender] >= amount, "balance too small"
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)
