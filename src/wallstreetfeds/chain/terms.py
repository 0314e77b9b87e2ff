"""The terms of a federation, as the contracts take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

from eth_utils.address import is_address

from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.chain.schedule import check_schedule, largest_part
from wallstreetfeds.chain.words import MAX_CLIENTS
from wallstreetfeds.units import TOKEN, WAD, div_up

DAY: Final = 86_400
MAX_ROUNDS: Final = 256
MAX_SWAP_FEE: Final = WAD // 5
MAX_OPENING_FEE: Final = 99 * WAD // 100
MIN_OPENING_PERIOD: Final = 612
MAX_OPENING_PERIOD: Final = 30 * DAY
MAX_WAIT: Final = 365 * DAY
SUPPLY_UNIT: Final = 10**6

BOND_PART: Final = 50
"""The federator's bond is a fiftieth of the budget, 2 %, or the largest pot if that is more."""

DEFAULT_WINDOW: Final = 2 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed when a federation is created.  Raises ValueError where the contracts would refuse.

    `budget` and `bond` are in the numeraire's smallest units, `supply` (each client's, unless the federator
    allocates another) in 10^-12 tokens; `listed`, `retained`, `score_cap`, `challenge_bond`, `swap_fee` and
    `opening_fee` are WAD (10^18 is one); `opening_deadline` is block time; `challenge_window`,
    `ruling_period`, `training_time`, `round_deadline`, `round_gap` and `opening_period` are seconds.

    `bond` None: the larger of 2 % of the budget and the largest pot.  `challenge_window` None: two days where
    there is an arbiter, none where there is not.  `complete` puts numbers in their place.
    """

    numeraire: str
    budget: int
    rounds: int
    supply: int = 1_000_000 * TOKEN
    max_clients: int = MAX_CLIENTS
    open_registration: bool = False
    late_joins: bool = False
    listed: int = WAD // 5
    retained: int = WAD // 5
    score_cap: int = 4 * WAD
    opening_deadline: int
    bond: int | None = None
    arbiter: str = ZERO_ADDRESS
    challenge_window: int | None = None
    ruling_period: int = 3 * DAY
    challenge_bond: int = WAD // 20
    training_time: int = 0
    round_deadline: int = 7 * DAY
    round_gap: int = 7 * DAY
    gate: str = ZERO_ADDRESS
    swap_fee: int = 3 * WAD // 1000
    opening_fee: int = 9 * WAD // 10
    opening_period: int = 3600
    clock: bool = True

    def __post_init__(self) -> None:
        for name in ("numeraire", "arbiter", "gate"):
            if not is_address(getattr(self, name)):
                raise ValueError(f"the {name} has to be an address, got {getattr(self, name)!r}")
        _between("rounds", self.rounds, 1, MAX_ROUNDS)
        _between("budget", self.budget, 1000 * self.rounds, 2**109 - 1)
        _between("supply", self.supply, 10**9, 2**64 - 1)
        if self.supply % SUPPLY_UNIT:
            raise ValueError(f"supply has to be a multiple of {SUPPLY_UNIT}, got {self.supply}")
        _between("max_clients", self.max_clients, 1, MAX_CLIENTS)
        _between("listed", self.listed, 1, WAD)
        _between("retained", self.retained, 0, WAD - self.listed)
        if self.retained % (WAD // 10_000):
            raise ValueError(f"retained has to be whole basis points (10^14), got {self.retained}")
        _between("score_cap", self.score_cap, WAD, 64 * WAD)
        _between("opening_deadline", self.opening_deadline, 1, 2**64 - 1)
        if self.bond is not None:
            _between("bond", self.bond, 0, self.budget)
        self._check_times()
        _between("swap_fee", self.swap_fee, 0, MAX_SWAP_FEE)
        if self.opening_period == 0:
            _between("opening_fee", self.opening_fee, 0, 2**256 - 1)
            return
        _between("opening_fee", self.opening_fee, self.swap_fee, MAX_OPENING_FEE)
        _between("opening_period", self.opening_period, MIN_OPENING_PERIOD, MAX_OPENING_PERIOD)

    @property
    def window(self) -> int:
        """Seconds from the submission of scores in which they can be challenged."""
        if self.challenge_window is not None:
            return self.challenge_window
        return 0 if self.arbiter == ZERO_ADDRESS else DEFAULT_WINDOW

    def full_bond(self, schedule: Sequence[int] = ()) -> int:
        """Return the federator's bond, which is escrowed with the budget; numeraire units."""
        if self.bond is not None:
            return self.bond
        return max(div_up(self.budget, BOND_PART), largest_part(schedule, self.budget, self.rounds))

    def complete(self, schedule: Sequence[int] = ()) -> Terms:
        """Return the terms with a number wherever there was None, for the reward schedule given.

        Raises ValueError for a schedule that the contracts would refuse.
        """
        check_schedule(schedule, self.budget, self.rounds)
        return replace(self, bond=self.full_bond(schedule), challenge_window=self.window)

    def as_tuple(self) -> tuple[Any, ...]:
        """Return the fields in the order of the contract's struct; they have to be `complete`."""
        return astuple(self)

    def _check_times(self) -> None:
        if self.window > 0:
            if self.arbiter == ZERO_ADDRESS:
                raise ValueError("a challenge_window needs an arbiter to rule on challenges")
            _between("challenge_window", self.window, 1, MAX_WAIT)
            _between("ruling_period", self.ruling_period, 1, MAX_WAIT)
            _between("challenge_bond", self.challenge_bond, 0, WAD)
        for name in ("challenge_window", "ruling_period", "challenge_bond"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name} has to be at least 0, got {getattr(self, name)}")
        _between("round_deadline", self.round_deadline, 1, MAX_WAIT)
        _between("training_time", self.training_time, 0, self.round_deadline - 1)
        _between("round_gap", self.round_gap, 1, MAX_WAIT)


def _between(name: str, number: int, low: int, high: int) -> None:
    if not low <= number <= high:
        raise ValueError(f"{name} has to be between {low} and {high}, got {number}")
