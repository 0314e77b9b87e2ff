# pragma version 0.4.3
"""
@notice A numeraire that keeps a list of accounts it pays nothing to, and whose balances can shrink by a rebase.
"""

balances: HashMap[address, uint256]
refuses: public(HashMap[address, bool])


@external
def mint(receiver: address, amount: uint256):
    self.balances[receiver] += amount


@external
def refuse(account: address, refused: bool):
    self.refuses[account] = refused


@external
def shrink(account: address, amount: uint256):
    self.balances[account] -= amount


@view
@external
def balanceOf(account: address) -> uint256:
    return self.balances[account]


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
    assert not self.refuses[sender] and not self.refuses[receiver], "account refused"
    self.balances[sender] -= amount
    self.balances[receiver] += amount
