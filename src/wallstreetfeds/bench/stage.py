"""Where gas is measured: a node of one's own, its accounts and tokens, and what a steady state is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain import Numeraire, Session, deploy_numeraire
from wallstreetfeds.chain.anvil import Anvil, free_port
from wallstreetfeds.units import WAD

CHAIN_ID: Final = 31337
UNLIMITED: Final = 2**256 - 1
SUPPLY: Final = 10**9 * WAD
"""What the trader has of every token at first, in smallest units."""

BLOCK_SECONDS: Final = 12
TURNS: Final = 3
"""How often an operation is done; the last time is the one that is measured."""


class Paid(Protocol):
    """A mined transaction, whoever sent it."""

    @property
    def gas_used(self) -> int:
        """The gas of its receipt: everything that was paid for, with the 21,000 of any transaction."""


@contextmanager
def own_node() -> Iterator[Session]:
    """Start an anvil (Cancun) on a free port of this machine, and end it afterwards.

    Raises AnvilError if it is missing or does not start.
    """
    with tempfile.TemporaryDirectory(prefix="wsf-bench-") as folder:
        log = Path(folder, "anvil.log")
        node = Anvil.spawn(free_port(), CHAIN_ID, log=log)
        try:
            node.ready(log)
            session = Session.connect(node.url, chain_id=CHAIN_ID)
            yield session
            session.close()
        finally:
            node.kill()


@dataclass(frozen=True, slots=True)
class Stage:
    """A node and who acts on it: a deployer that sets up, a trader whose operations are measured."""

    session: Session
    deployer: LocalAccount
    trader: LocalAccount

    @classmethod
    def on(cls, session: Session) -> Self:
        """Return the stage of a session with a development chain."""
        return cls(session, session.account("deployer"), session.account("trader"))

    def tokens(self, count: int) -> list[Numeraire]:
        """Return new plain ERC-20 tokens of 18 decimals in order of address; the trader has SUPPLY of each.

        The deployer has one smallest unit of each: whoever it is that receives has held the token before.
        """
        made = [deploy_numeraire(self.session, self.deployer, decimals=18) for _ in range(count)]
        for token in made:
            token.mint(self.trader.address, SUPPLY, sender=self.deployer)
            token.mint(self.deployer.address, 1, sender=self.deployer)
        return sorted(made, key=lambda token: int(token.address, 16))

    def steady(self, operation: Callable[[], Paid]) -> int:
        """Return the gas of an operation's receipt once it is routine: of its third time, in its own block.

        Raises what the operation raises.
        """
        gas = 0
        for _ in range(TURNS):
            self.session.advance_time(BLOCK_SECONDS)
            gas = operation().gas_used
        return gas

    def same_second(self, operation: Callable[[], Paid]) -> int:
        """Return the gas of an operation that follows another one in the same second, as in the same block.

        Raises what the operation raises.
        """
        self.steady(operation)
        self.session.node.request("evm_setNextBlockTimestamp", hex(self.session.timestamp()))
        return operation().gas_used
