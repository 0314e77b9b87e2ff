"""What a federation needs from whatever pays it: three calls, implemented structurally by the chain
package."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol


class OpenedRound(Protocol):
    """A round that has just been opened: record date and ex-date are behind, scores are unknown to all."""

    @property
    def round(self) -> int:
        """Round number of the settlement, from 1; not Flower's `server_round`."""

    @property
    def block_hash(self) -> bytes:
        """Hash (32 bytes) of the block in which the round was opened; seeds client and coalition sampling."""


class Settlement(Protocol):
    """Opens, scores and pays rounds.  Calls come in this order, once each a round."""

    def open_round(self) -> OpenedRound:
        """Open the next round, or return the one that somebody opened before, and wait until it is final."""

    def submit_scores(self, round: int, scores: Sequence[int], evidence_root: bytes) -> None:
        """Submit one integer score a client, in join order, with the commitment (32 bytes) to the
        evidence.  Waits for the end of the training time where there is one."""

    def finalize_round(self, round: int, scores: Sequence[int]) -> None:
        """Pay the round by the scores submitted before, or by those of a ruling where they were challenged.
        Waits for the end of the challenge window where there is one."""


def round_seed(block_hash: bytes, round: int) -> int:
    """Return a 63-bit seed for everything random in `round`, which nobody knows before the round's block."""
    digest = hashlib.sha256(
        b"wallstreetfeds/seed/1" + bytes(block_hash) + round.to_bytes(8, "little")
    ).digest()
    return int.from_bytes(digest[:8], "little") >> 1
