# pragma version 0.4.3
"""
@title ERC-20 bookkeeping beside reward accounting
@license Apache-2.0
@notice Allowances and events.  Balances live in `reward_accounting`; the contract that uses both writes
        `transfer` and `transferFrom`, because only it knows the rounds that a transfer has to respect.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256


decimals: public(constant(uint8)) = 12

allowance: public(HashMap[address, HashMap[address, uint256]])


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let `spender` move up to `amount` of the caller's tokens; 2^256 - 1 is never used up.
    """
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, amount=amount)
    return True


def _spend_allowance(owner: address, spender: address, amount: uint256):
    allowed: uint256 = self.allowance[owner][spender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "allowance too small"
        self.allowance[owner][spender] = allowed - amount
