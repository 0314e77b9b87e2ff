# pragma version 0.4.3
"""
@notice A transfer gate that lets everything through, refuses everything, reverts, or burns all gas.
"""

import ITransferGate

implements: ITransferGate

OPEN: constant(uint256) = 0
SHUT: constant(uint256) = 1
BROKEN: constant(uint256) = 2

mood: public(uint256)


@external
def set_mood(mood: uint256):
    self.mood = mood


@view
@external
def can_transfer(token: address, sender: address, receiver: address, amount: uint256) -> bool:
    assert self.mood != BROKEN, "the gate is broken"
    return self.mood == OPEN
