"""The terms of a federation, as the contracts take them."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any, Final

from eth_utils.address import is_address

from wallstreetfeds.units import TOKEN, WAD

MAX_CLIENTS: Final = 64
MAX_ROUNDS: Final = 256
MAX_SWAP_FEE: Final = WAD // 5
MAX_OPENING_FEE: Final = 99 * WAD // 100
MIN_OPENING_PERIOD: Final = 612
MAX_OPENING_PERIOD: Final = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed when a federation is created.  Raises ValueError where the contracts would refuse.

    `budget` is in the numeraire's smallest units, `supply` (each client's) in 10^-12 tokens; `listed`,
    `score_cap`, `swap_fee` and `opening_fee` are WAD (10^18 is one); `opening_deadline` is block time and
    `opening_period` a duration, in seconds.
    """

    numeraire: str
    budget: int
    rounds: int
    supply: int = 1_000_000 * TOKEN
    max_clients: int = MAX_CLIENTS
    open_registration: bool = False
    listed: int = WAD // 5
    score_cap: int = 4 * WAD
    opening_deadline: int
    swap_fee: int = 3 * WAD // 1000
    opening_fee: int = 9 * WAD // 10
    opening_period: int = 3600
    clock: bool = True

    def __post_init__(self) -> None:
        if not is_address(self.numeraire):
            raise ValueError(f"the numeraire has to be an address, got {self.numeraire!r}")
        _between("rounds", self.rounds, 1, MAX_ROUNDS)
        _between("budget", self.budget, 1000 * self.rounds, 2**111 - 1)
        _between("supply", self.supply, 10**9, 2**64 - 1)
        _between("max_clients", self.max_clients, 1, MAX_CLIENTS)
        _between("listed", self.listed, 1, WAD)
        _between("score_cap", self.score_cap, WAD, 64 * WAD)
        _between("opening_deadline", self.opening_deadline, 1, 2**64 - 1)
        _between("swap_fee", self.swap_fee, 0, MAX_SWAP_FEE)
        if self.opening_period == 0:
            _between("opening_fee", self.opening_fee, 0, 2**256 - 1)
            return
        _between("opening_fee", self.opening_fee, self.swap_fee, MAX_OPENING_FEE)
        _between("opening_period", self.opening_period, MIN_OPENING_PERIOD, MAX_OPENING_PERIOD)

    def as_tuple(self) -> tuple[Any, ...]:
        """Return the fields in the order of the contract's struct."""
        return astuple(self)


def _between(name: str, number: int, low: int, high: int) -> None:
    if not low <= number <= high:
        raise ValueError(f"{name} has to be between {low} and {high}, got {number}")
