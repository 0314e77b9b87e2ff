"""`wsf bench gas`: ours and the peers', in one run, as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from wallstreetfeds.bench import ours, peers
from wallstreetfeds.chain.artifacts import artifact

CONTRACTS: Final = ("Orchestrator", "Scenario", "Challenges", "ClientToken", "Pool")
SIZES: Final = (2, 10, 50)


@dataclass(frozen=True, slots=True)
class GasReport:
    """Gas by size ("50") or peer ("balancer_v2_managed_50"), then operation; `bytes` of code as deployed."""

    ours: dict[str, dict[str, int]]
    peers: dict[str, dict[str, int]]
    bytes: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return asdict(self)


def measure(
    sizes: Sequence[int] = SIZES,
    *,
    with_peers: bool = True,
    progress: Callable[[str], None] | None = None,
) -> GasReport:
    """Measure gas in receipts of a real node.

    Raises AnvilError, and PeersMissingError where the peers are wanted and not installed.
    """
    theirs = peers.measure(sizes, progress) if with_peers else {}
    return GasReport(
        ours=ours.measure(sizes, progress),
        peers=theirs,
        bytes={name: artifact(name).runtime_bytes for name in CONTRACTS},
    )
