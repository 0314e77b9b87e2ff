# pragma version 0.4.3
"""
@notice A numeraire that, once broken, returns false where others revert.
"""

balanceOf: public(HashMap[address, uint256])
broken: public(bool)


@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount


@external
def set_broken(broken: bool):
    self.broken = broken


@external
def approve(spender: address, amount: uint256) -> bool:
    return True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    return self._move(msg.sender, receiver, amount)


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    return self._move(sender, receiver, amount)


def _move(sender: address, receiver: address, amount: uint256) -> bool:
    if self.broken:
        return False
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    return True
