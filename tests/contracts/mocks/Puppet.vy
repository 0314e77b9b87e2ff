# pragma version 0.4.3
"""
@notice An account with code: does what it is told, now or in the middle of somebody's transfer.
"""

struct Act:
    target: address
    data: Bytes[4096]

plan: DynArray[Act, 32]
called: public(uint256)
outcomes: DynArray[bool, 32]


@external
def execute(target: address, data: Bytes[4096]) -> Bytes[4096]:
    return raw_call(target, data, max_outsize=4096)


@external
def prepare(target: address, data: Bytes[4096]):
    self.plan.append(Act(target=target, data=data))


@external
def on_transfer():
    self.called += 1
    for act: Act in self.plan:
        self.outcomes.append(raw_call(act.target, act.data, revert_on_failure=False))


@view
@external
def succeeded() -> DynArray[bool, 32]:
    return self.outcomes
