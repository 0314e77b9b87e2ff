"""Many small numbers in few 256-bit words, as scores and rewards travel; lists of one number a client here.

    scores     32 bits each, eight a word, eight words: 64 clients
    rewards    42 bits each, six a word, eleven words: 66, of which 64 are clients

The first client's number is the lowest of the first word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MAX_CLIENTS: Final = 64
SCORE_BITS: Final = 32
SCORES_A_WORD: Final = 8
REWARD_BITS: Final = 42
REWARDS_A_WORD: Final = 6


def pack_scores(scores: Sequence[int]) -> list[int]:
    """Return eight words from one score a client, in join order.

    Raises ValueError for more than 64 scores, or one that is not in 0..2^32 - 1.
    """
    if len(scores) > MAX_CLIENTS:
        raise ValueError(f"at most {MAX_CLIENTS} clients can be scored, got {len(scores)} scores")
    for score in scores:
        if not 0 <= score < 1 << SCORE_BITS:
            raise ValueError(f"a score has to be between 0 and {(1 << SCORE_BITS) - 1}, got {score}")
    words = [0] * (MAX_CLIENTS // SCORES_A_WORD)
    for k, score in enumerate(scores):
        words[k // SCORES_A_WORD] |= score << (k % SCORES_A_WORD * SCORE_BITS)
    return words


def unpack_scores(words: Sequence[int]) -> tuple[int, ...]:
    """Return the scores in eight words, in join order; the zeros at the end are left out."""
    return trimmed(_unpack(words, SCORE_BITS, SCORES_A_WORD))


def unpack_rewards(words: Sequence[int], clients: int) -> list[int]:
    """Return the first `clients` rewards in the words of a round, in join order."""
    return _unpack(words, REWARD_BITS, REWARDS_A_WORD)[:clients]


def trimmed(scores: Sequence[int]) -> tuple[int, ...]:
    """Return scores without the zeros at the end: as records have them."""
    count = len(scores)
    while count and scores[count - 1] == 0:
        count -= 1
    return tuple(scores[:count])


def padded(scores: Sequence[int], clients: int) -> list[int]:
    """Return one score for each of so many clients: those given, then zeros."""
    return [*scores, *[0] * (clients - len(scores))]


def _unpack(words: Sequence[int], bits: int, each: int) -> list[int]:
    mask = (1 << bits) - 1
    return [(word >> (k * bits)) & mask for word in words for k in range(each)]
