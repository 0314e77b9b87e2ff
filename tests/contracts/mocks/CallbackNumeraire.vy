# pragma version 0.4.3
"""
@notice A numeraire that calls a puppet in the middle of a transfer: on the nth transfer after it was armed.
"""

interface Puppet:
    def on_transfer(): nonpayable

balanceOf: public(HashMap[address, uint256])
puppet: public(address)
countdown: public(uint256)


@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount


@external
def arm(puppet: address, countdown: uint256):
    self.puppet = puppet
    self.countdown = countdown


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
    self.balanceOf[receiver] += amount
    if self.countdown > 0:
        self.countdown -= 1
        if self.countdown == 0:
            extcall Puppet(self.puppet).on_transfer()
