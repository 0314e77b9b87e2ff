"""One federation: clients, escrow, rounds, payouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.chain.bound import BoundContract, Receipt
from wallstreetfeds.chain.contracts.challenges import Challenges
from wallstreetfeds.chain.contracts.erc20 import Numeraire
from wallstreetfeds.chain.contracts.pool import Pool
from wallstreetfeds.chain.contracts.token import ClientToken
from wallstreetfeds.chain.errors import ContractError
from wallstreetfeds.chain.terms import Terms
from wallstreetfeds.chain.words import pack_scores, unpack_rewards
from wallstreetfeds.records import ClientJoined, MarketOpened, RoundOpened
from wallstreetfeds.units import div_up


class Clock(NamedTuple):
    """Scheduled budget B and its part not yet opened rho (numeraire units); last opened, last finalised
    round.
    """

    budget: int
    rho: int
    opened: int
    finalized: int


class Stage(NamedTuple):
    """The last round that scores were `submitted` for; block time (seconds) of the last opening, submission
    or payment, `since` which deadlines are counted.
    """

    submitted: int
    since: int


class Scenario(BoundContract):
    """A federation.  Amounts of numeraire, tokens and shares are in smallest units.

    Every method that changes state raises ContractError with the contract's reason.
    """

    ARTIFACT = "Scenario"

    # --- before the market opens ---

    def fund(self, *, sender: LocalAccount) -> Receipt[None]:
        """Escrow the whole budget and the bond, once; the federator, who has approved the sum of both."""
        return self._send("fund", sender=sender)

    def cancel(self, *, sender: LocalAccount) -> Receipt[None]:
        """Give up before the market opens; the federator, and anyone after the opening deadline."""
        return self._send("cancel", sender=sender)

    def withdraw_budget(self, *, sender: LocalAccount) -> Receipt[None]:
        """Take the budget and the bond back after a cancellation; the federator."""
        return self._send("withdraw_budget", sender=sender)

    def allow_clients(
        self, clients: Sequence[str], supplies: Sequence[int], *, sender: LocalAccount
    ) -> Receipt[None]:
        """Put up to 64 clients on the allow-list, each with the supply of its token; the federator.

        `supplies`: one a client, 0 takes it off the list; empty for the standard supply.
        """
        return self._send("allow_clients", list(clients), list(supplies), sender=sender)

    def join(self, deposit: bool, *, sender: LocalAccount) -> Receipt[str]:
        """Become a client; with `deposit` the listed part of the supply goes into the pool's opening.

        Value: the address of the client's token.
        """
        return self._send_for(
            lambda events: self._logged(events, ClientJoined)[0].token, "join", deposit, sender=sender
        )

    def deposit_tokens(self, *, sender: LocalAccount) -> Receipt[None]:
        """Deposit the listed part of the supply; a client that has approved this contract for it."""
        return self._send("deposit_tokens", sender=sender)

    def withdraw_tokens(self, *, sender: LocalAccount) -> Receipt[None]:
        """Take deposited tokens back; the client, until the market opens."""
        return self._send("withdraw_tokens", sender=sender)

    def deposit_numeraire(self, amount: int, *, sender: LocalAccount) -> Receipt[None]:
        """Deposit numeraire for the pool's opening and become one of its first LPs."""
        return self._send("deposit_numeraire", amount, sender=sender)

    def withdraw_numeraire(self, *, sender: LocalAccount) -> Receipt[None]:
        """Take one's whole numeraire deposit back; always, but for one the pool has opened with."""
        return self._send("withdraw_numeraire", sender=sender)

    def open_market(
        self, providers: Sequence[str], min_clients: int, min_numeraire: int, *, sender: LocalAccount
    ) -> Receipt[str]:
        """Close the registration and create the shared pool; the federator.

        The pool opens with the deposits of `providers` (up to 64 addresses).  Refused with fewer listed
        clients or less of their numeraire than given.  Value: the pool's address.
        """
        return self._send_for(
            lambda events: self._logged(events, MarketOpened)[0].pool,
            "open_market",
            list(providers),
            min_clients,
            min_numeraire,
            sender=sender,
        )

    # --- while the market is open ---

    def top_up(self, amount: int, *, sender: LocalAccount) -> Receipt[None]:
        """Add to the escrow: every pot not yet opened grows alike; anyone who has approved this contract."""
        return self._send("top_up", amount, sender=sender)

    def join_late(self, max_top_up: int, liquidity: int, *, sender: LocalAccount) -> Receipt[str]:
        """Become a client of an open federation that allows it, with its top-up (see `least_top_up`).

        The least top-up is taken; where it is above `max_top_up` by then, the call is refused.  With
        `liquidity`, numeraire units, the token gets a pool of its own.  Who is allowed, and has approved this
        contract for the sum of both.  Value: the address of the client's token.
        """
        return self._send_for(
            lambda events: self._logged(events, ClientJoined)[0].token,
            "join_late",
            max_top_up,
            liquidity,
            sender=sender,
        )

    # --- rounds ---

    def open_round(self, *, sender: LocalAccount) -> Receipt[int]:
        """Open the next round: record date and ex-date; the federator, anyone after the round gap.

        Value: the round, from 1.
        """
        return self._send_for(
            lambda events: self._logged(events, RoundOpened)[0].round, "open_round", sender=sender
        )

    def submit_scores(
        self, round: int, scores: Sequence[int], evidence_root: bytes, *, sender: LocalAccount
    ) -> Receipt[None]:
        """Score the open round, once: one integer a client in join order, and 32 bytes; the federator.

        Raises ValueError for scores that do not fit into the contract's words, see `chain.words`.
        """
        return self._send("submit_scores", round, pack_scores(scores), evidence_root, sender=sender)

    def finalize_round(self, round: int, scores: Sequence[int], *, sender: LocalAccount) -> Receipt[None]:
        """Pay the open round by its scores, one integer a client: submitted, or those of a ruling; anyone.

        Refused while the scores can still be challenged or await a ruling.
        """
        return self._send("finalize_round", round, pack_scores(scores), sender=sender)

    def finalize_without_scores(self, round: int, *, sender: LocalAccount) -> Receipt[None]:
        """Pay a round whose deadline has passed without scores, as all before it together; anyone."""
        return self._send("finalize_without_scores", round, sender=sender)

    def replace_scores(
        self,
        round: int,
        scores: Sequence[int],
        evidence_root: bytes,
        added: int,
        *,
        sender: LocalAccount,
    ) -> Receipt[None]:
        """Replace the submitted scores after a ruling; Challenges does it, nobody else may."""
        return self._send("replace_scores", round, pack_scores(scores), evidence_root, added, sender=sender)

    # --- payouts: called by tokens and the pool, refused to anybody else ---

    def pay_reward(self, client: int, receiver: str, units: int, *, sender: LocalAccount) -> Receipt[None]:
        """Pay reward units; the token of `client` only."""
        return self._send("pay_reward", client, receiver, units, sender=sender)

    def pay_pool_reward(self, receiver: str, units: int, *, sender: LocalAccount) -> Receipt[None]:
        """Pay reward units; pools only."""
        return self._send("pay_pool_reward", receiver, units, sender=sender)

    # --- views ---

    def clock(self) -> Clock:
        """Return the clock; all zero before the market opens."""
        return Clock(*self._read("clock"))

    def history(self, client: int, round: int) -> int:
        """Return the reward units of a client, summed over rounds 1..round."""
        return self._int("history", client, round)

    def history_since(self, client: int, seen: int) -> tuple[int, int]:
        """Return the history at the earlier of round `seen` and the last paid one, and at the latter."""
        return cast(tuple[int, int], self._read("history_since", client, seen))

    def reward_words(self, round: int) -> tuple[int, ...]:
        """Return the reward units of a paid round in words; `rewards` gives them one by one."""
        return cast(tuple[int, ...], self._read("reward_words", round))

    def stage(self) -> Stage:
        """Return the last round with scores, and since when the deadlines are counted."""
        return Stage(*self._read("stage"))

    def scheduled(self, round: int) -> int:
        """Return what a round takes of the budget: any of a listed schedule, the next of a uniform one."""
        return self._int("scheduled", round)

    def bond_is_free(self) -> bool:
        """Return whether the federator's bond can go back."""
        return self._bool("bond_is_free")

    def gate(self) -> str:
        """Return the transfer gate, the zero address if there is none."""
        return self._str("gate")

    def challenges(self) -> str:
        """Return the address of the contract that holds the bonds; `court` is that contract."""
        return self._str("challenges")

    def supply_of(self, client: int) -> int:
        """Return the supply of the token of the client with that number."""
        return self._int("supply_of", client)

    def total_supply(self) -> int:
        """Return the sum of the supplies of all client tokens."""
        return self._int("total_supply")

    def pool_count(self) -> int:
        """Return how many pools there are: the shared one, and those of late joiners."""
        return self._int("pool_count")

    def pool_at(self, index: int) -> str:
        """Return the address of a pool: 0 is the shared one; the zero address beyond the last."""
        return self._str("pool_at", index)

    def token_at(self, client: int) -> str:
        """Return the address of the token of the client with that number."""
        return self._str("token_at", client)

    def index_of(self, client: str) -> int:
        """Return a client's place in join order, from 0."""
        return self._int("index_of", client)

    def is_client(self, account: str) -> bool:
        """Return whether the account has joined."""
        return self._bool("is_client", account)

    def is_listed(self, client: int) -> bool:
        """Return whether the client with that number has deposited tokens for the pool."""
        return self._bool("is_listed", client)

    def escrow(self) -> int:
        """Return what no finalised round has taken, the open round's pot included; numeraire units."""
        return self._int("escrow")

    def pot(self) -> int:
        """Return what the open round will pay, 0 while none is open; numeraire units."""
        return self._int("pot")

    def paid(self) -> int:
        """Return all rewards paid out so far; numeraire units."""
        return self._int("paid")

    def terms(self) -> Terms:
        """Return the terms of the federation."""
        return Terms(**dict(zip(Terms.__dataclass_fields__, self._read("terms"), strict=True)))

    def federator(self) -> str:
        """Return the federator's address."""
        return self._str("federator")

    def quantum(self) -> int:
        """Return how many numeraire units one reward unit is."""
        return self._int("quantum")

    def proxy_code_hash(self) -> bytes:
        """Return the hash (32 bytes) that token addresses are computed from."""
        return bytes(self._read("proxy_code_hash"))

    def funded(self) -> bool:
        """Return whether the budget is escrowed."""
        return self._bool("funded")

    def cancelled(self) -> bool:
        """Return whether the federation was given up."""
        return self._bool("cancelled")

    def pool(self) -> str:
        """Return the shared pool's address, the zero address before the market opens."""
        return self._str("pool")

    def opened_at(self) -> int:
        """Return the block time at which the market opened, 0 before."""
        return self._int("opened_at")

    def allocation(self, client: str) -> int:
        """Return the supply that a client is on the allow-list with, 0 where it is not on it."""
        return self._int("allocation", client)

    def client_count(self) -> int:
        """Return how many clients have joined."""
        return self._int("client_count")

    def client_at(self, index: int) -> str:
        """Return the client with that number, from 0; the zero address beyond the last."""
        return self._str("client_at", index)

    def numeraire_deposit(self, depositor: str) -> int:
        """Return what an account could withdraw of its deposits; what the pool opened with is not in it."""
        return self._int("numeraire_deposit", depositor)

    def total_numeraire_deposit(self) -> int:
        """Return all numeraire deposits that can be withdrawn."""
        return self._int("total_numeraire_deposit")

    # --- many at once ---

    def rewards(self, rounds: Sequence[int]) -> list[list[int]]:
        """Return the reward units of every client in each of these paid rounds, in join order."""
        clients = self.client_count()
        words = self.read_many(("reward_words", [round]) for round in rounds)
        return [unpack_rewards(answer, clients) for answer in words]

    def least_top_up(self, supply: int) -> int:
        """Return the least top-up that a client with that supply can join late with; numeraire units."""
        escrow, pot, total = self.read_many([("escrow", []), ("pot", []), ("total_supply", [])])
        return div_up((escrow - pot) * supply, total)

    # --- neighbours ---

    def clients(self) -> list[str]:
        """Return the clients in join order."""
        return self.read_many(("client_at", [index]) for index in range(self.client_count()))

    def token(self, client: int) -> ClientToken:
        """Return the token of the client with that number."""
        return ClientToken(self.session, self.token_at(client), block=self.block)

    def tokens(self) -> list[ClientToken]:
        """Return the tokens of all clients, in join order."""
        addresses = self.read_many(("token_at", [index]) for index in range(self.client_count()))
        return [ClientToken(self.session, address, block=self.block) for address in addresses]

    def market(self) -> Pool:
        """Return the shared pool.  Raises ContractError before the market opens."""
        address = self.pool()
        if address == ZERO_ADDRESS:
            raise ContractError(
                "the market is not open", contract="Scenario", function="market", sender=self.address
            )
        return Pool(self.session, address, block=self.block)

    def pools(self) -> list[Pool]:
        """Return all pools: the shared one, then those of late joiners."""
        addresses = self.read_many(("pool_at", [index]) for index in range(self.pool_count()))
        return [Pool(self.session, address, block=self.block) for address in addresses]

    def court(self) -> Challenges:
        """Return the contract that holds the bonds and hears challenges."""
        return Challenges(self.session, self.challenges(), block=self.block)

    def numeraire(self) -> Numeraire:
        """Return the numeraire's contract."""
        return Numeraire(self.session, self.terms().numeraire, block=self.block)
