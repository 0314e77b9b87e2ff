# pragma version 0.4.3
"""
@title Reward schedule
@license Apache-2.0
@notice How much of the scheduled budget each round takes: b_1 .. b_T, never increasing, b_T at least B / 256.
        Uniform, or any such list, fixed at creation.
"""

MASK_128: constant(uint256) = 2**128 - 1

listed: bool
# b_r of two rounds a word, the earlier one low; empty where the schedule is uniform.
parts: uint256[128]


def _set(parts: DynArray[uint256, 256], budget: uint256, rounds: uint256):
    """
    @notice Keep a list of parts, smallest units of the numeraire; an empty one is the uniform schedule.
    """
    if len(parts) == 0:
        return
    assert len(parts) == rounds, "schedule: not one part for each round"
    before: uint256 = budget
    total: uint256 = 0
    word: uint256 = 0
    for k: uint256 in range(rounds, bound=256):
        part: uint256 = parts[k]
        assert part <= before, "schedule: a part is larger than the one before"
        before = part
        total += part
        if k % 2 == 0:
            word = part
            self.parts[k // 2] = word
        else:
            self.parts[k // 2] = word | (part << 128)
    assert total == budget, "schedule: the parts do not sum to the budget"
    assert before * 256 >= budget, "schedule: last part below 1/256 of the budget"
    self.listed = True


@view
def _part(round: uint256, rho: uint256, rounds: uint256) -> uint256:
    """
    @notice b_r of `round`, from 1.
    @param rho The parts of this and all later rounds
    """
    if self.listed:
        k: uint256 = round - 1
        return (self.parts[k // 2] >> (k % 2 * 128)) & MASK_128
    # Uniform, and never increasing: what does not divide falls to the first rounds.
    left: uint256 = rounds - round + 1
    return (rho + left - 1) // left


@view
def _last_part(budget: uint256, rounds: uint256) -> uint256:
    """
    @notice b_T, the smallest part; for a uniform schedule rounded down.
    """
    if self.listed:
        return self._part(rounds, 0, rounds)
    return budget // rounds
