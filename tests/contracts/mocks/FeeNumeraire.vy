# pragma version 0.4.3
"""
@notice A numeraire that keeps a fee, in units, of every transfer once it is switched on.
"""

balanceOf: public(HashMap[address, uint256])
fee: public(uint256)


@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount


@external
def set_fee(fee: uint256):
    self.fee = fee


@external
def approve(spender: address, amount: uint256) -> bool:
    return True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    self._move(sender, receiver, amount)
    return True


def _move(sender: address, receiver: address, amount: uint256):
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount - self.fee
