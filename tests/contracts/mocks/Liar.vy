# pragma version 0.4.3
"""
@notice A source of claims that pays nothing and answers any number.
"""

answer: public(uint256)


@external
def set_answer(answer: uint256):
    self.answer = answer


@external
def claim_for(holder: address) -> uint256:
    return self.answer
