"""Which federation a command works on: the kept run by default, else any Scenario on any node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.kept import YOU, open_folder
from wallstreetfeds.units import TOKEN_DECIMALS, to_decimal, to_units

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from wallstreetfeds.chain import Pool, Scenario, Session
    from wallstreetfeds.chain.kept import KeptRun

NUMERAIRE: Final = 0

RpcOption = Annotated[
    str | None, typer.Option("--rpc", help="Node to use instead of the kept run's own.", metavar="URL")
]
ScenarioOption = Annotated[
    str | None,
    typer.Option("--scenario", help="With --rpc: another federation than the kept one.", metavar="ADDRESS"),
]
SeedOption = Annotated[
    int, typer.Option("--seed", help="With --scenario: the seed that named accounts were made with.")
]


@dataclass(frozen=True)
class Place:
    """A federation with an open market; `names` are addresses by name, the clients first, in join order."""

    session: Session
    scenario: Scenario
    pool: Pool
    names: dict[str, str]
    clients: tuple[str, ...]
    symbol: str
    decimals: int
    kept: KeptRun | None

    @contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        """Do something to the chain while nobody else does; a kept run is saved afterwards.

        What is put into the dictionary is printed as one JSON object at the end, with the failure if it was
        done but could not be saved.
        """
        from wallstreetfeds.chain import ChainError

        answer: dict[str, Any] = {}
        with nullcontext() if self.kept is None else self.kept.lock():
            yield answer
            if self.kept is not None:
                try:
                    node = self.kept.running()
                    if node is None:
                        raise Failure("it is done, but the node ended before it was saved", "", answer)
                    self.kept.save_trade(node)
                except ChainError as error:
                    raise Failure(
                        f"it is done, but not saved, and lost if the node is killed now: {error}",
                        "Make room; 'wsf node stop' saves too.",
                        answer,
                    ) from error
        if answer:
            print(json.dumps(answer))

    def address(self, who: str) -> str:
        """Return the address that a name or an address stands for."""
        from eth_utils.address import is_address, to_checksum_address

        if who in self.names:
            return self.names[who]
        if is_address(who):
            return to_checksum_address(who)
        raise Failure(
            f"nobody is called {who!r} here", f"Give an address or one of: {', '.join(self.names)}."
        )

    def name(self, address: str) -> str:
        """Return the name of an address, or the address."""
        return next((name for name, known in self.names.items() if known == address), address)

    def signer(self, who: str | None) -> LocalAccount:
        """Return the account that signs as somebody; development accounts only."""
        if who is None:
            raise Failure("whose account?", f"Say it with --as: {', '.join(self.names)}.")
        address = self.address(who)
        name = self.name(address)
        if name == address:
            raise Failure(f"there is no key for {address} here", f"Sign as one of: {', '.join(self.names)}.")
        account = self.session.account(name)
        if account.address != address:
            raise Failure(f"there is no key for {name} here", "Was it made with another --seed?")
        return account

    def asset(self, what: str) -> int:
        """Return the pool's number of the numeraire (by symbol) or of a client's token (by its name)."""
        if what == self.symbol:
            return NUMERAIRE
        if what in self.clients:
            return self.pool.asset_by_token(self.scenario.token_at(self.clients.index(what)))
        known = f"{self.clients[0]} to {self.clients[-1]}, and {self.symbol}"
        raise Failure(f"nothing called {what!r} is traded here", f"There are {known}.")

    def label(self, asset: int) -> str:
        """Return what an asset is called."""
        if asset == NUMERAIRE:
            return self.symbol
        token = self.pool.asset_at(asset)
        return self.clients[next(k for k, t in enumerate(self.scenario.tokens()) if t.address == token)]

    def scale(self, asset: int) -> int:
        """Return the decimals of an asset."""
        return self.decimals if asset == NUMERAIRE else TOKEN_DECIMALS

    def units(self, amount: str, asset: int, option: str) -> int:
        """Return an amount that a person wrote, more than 0, in smallest units."""
        try:
            units = to_units(amount, self.scale(asset))
        except ValueError as error:
            raise Failure(f"{option} is {amount}", f"{str(error)[0].upper()}{str(error)[1:]}.") from error
        if units == 0:
            raise Failure(f"{option} is {amount}", "Nothing would be traded: more than 0.")
        return units

    def amount(self, units: int, asset: int) -> dict[str, Any]:
        """Return an amount for `--json`."""
        return {"units": str(units), "decimals": self.scale(asset)}


@contextmanager
def place(state: Path | None, rpc: str | None, scenario: str | None, seed: int) -> Iterator[Place]:
    """Find the federation and turn what the chain refuses into one message."""
    from wallstreetfeds.chain import ChainError, ContractError

    try:
        yield _open(state, rpc, scenario, seed)
    except ContractError as error:
        raise Failure(f"{error.contract} refused: {error.reason}", error.hint) from error
    except (ChainError, ValueError) as error:
        raise Failure(str(error)) from error


def percent(text: str, option: str, most: Decimal) -> Decimal:
    """Return a percentage that a person wrote as a part of one, 0 to `most` percent."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= most:
        raise Failure(f"{option} is {text}", f"Choose a percentage from 0 to {most}.")
    return value / 100


def exact(units: int, decimals: int) -> str:
    """Return smallest units as text, exact to the last unit."""
    return f"{to_decimal(units, decimals):,f}"


def _open(state: Path | None, rpc: str | None, address: str | None, seed: int) -> Place:
    from eth_utils.address import is_address

    from wallstreetfeds.chain import Scenario, Session

    if address is not None:
        if rpc is None:
            raise Failure("--scenario without --rpc", "Say with --rpc which node it is on.")
        if not is_address(address):
            raise Failure(f"--scenario is {address}", "Give an address: 0x and 40 hexadecimal digits.")
        session = Session.connect(rpc, seed=seed)
        scenario = Scenario(session, address)
        return _place(session, scenario, _named(session, scenario), None)
    kept = open_folder(state)
    if not kept.exists():
        raise Failure(
            f"no run is kept in {kept.folder}",
            "Make one with 'wsf demo --keep', or name another with --rpc and --scenario.",
        )
    run = kept.read()
    if not run.complete:
        raise Failure(f"the run kept in {kept.folder} is unfinished", "'wsf demo --keep' goes on with it.")
    node = kept.running()
    if rpc is not None:
        session = Session.connect(rpc, seed=int(run.options["seed"]), chain_id=run.chain_id)
        ours = node is not None and rpc.rstrip("/") == node.url
        return _place(session, Scenario(session, run.scenario), dict(run.accounts), kept if ours else None)
    if node is None:
        raise Failure(
            f"the node of the run kept in {kept.folder} is not running", "Start it: 'wsf node start'."
        )
    session = kept.session()
    return _place(session, Scenario(session, run.scenario), dict(run.accounts), kept)


def _place(session: Session, scenario: Scenario, names: dict[str, str], kept: KeptRun | None) -> Place:
    numeraire = scenario.numeraire()
    return Place(
        session=session,
        scenario=scenario,
        pool=scenario.market(),
        names=names,
        clients=tuple(names)[: scenario.client_count()],
        symbol=numeraire.symbol(),
        decimals=numeraire.decimals(),
        kept=kept,
    )


def _named(session: Session, scenario: Scenario) -> dict[str, str]:
    """Clients by number; on a development chain the demo's other accounts too."""
    from wallstreetfeds.demo.cast import CASH, OPENING_LIQUIDITY, client_names

    clients = scenario.clients()
    names = dict(zip(client_names(len(clients)), clients, strict=True))
    if session.development:
        names |= {name: session.account(name).address for name in (*OPENING_LIQUIDITY, *CASH, YOU)}
    return names
