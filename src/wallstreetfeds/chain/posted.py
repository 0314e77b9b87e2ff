"""What the chain says about a round that was scored: all that is needed to check its evidence."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from wallstreetfeds.chain.abi import topic_of
from wallstreetfeds.chain.contracts import Scenario
from wallstreetfeds.chain.errors import SettlementError
from wallstreetfeds.chain.events import last_event, read_events, word
from wallstreetfeds.records import ClientJoined, RoundFinalized, RoundOpened, ScoresReplaced, ScoresSubmitted
from wallstreetfeds.units import WAD


class PostedRound(NamedTuple):
    """A round with scores.  Sequences are in join order, one entry a client of today.

    `scores` are those the round is paid by, `submitted` the federator's own (others after a ruling only);
    `root` (32 bytes) commits to the evidence of the former; `block_hash` (32 bytes) is that of the block the
    round was opened in, `score_cap` the most a client may score as a multiple of its part of all supplies.
    `partaking` clients, the first ones, had joined when the round was opened and take part in it.
    """

    round: int
    block_hash: bytes
    root: bytes
    partaking: int
    scores: tuple[int, ...]
    submitted: tuple[int, ...]
    wallets: tuple[str, ...]
    supplies: tuple[int, ...]
    score_cap: Fraction


def posted_round(scenario: Scenario, round: int) -> PostedRound:
    """Return what was posted about a round.

    Raises SettlementError, saying why, where there is no such round or it has no scores.
    """
    terms, session = scenario.terms(), scenario.session
    if not 1 <= round <= terms.rounds:
        raise SettlementError(f"there is no round {round}: this federation has rounds 1 to {terms.rounds}")
    opened = last_event(session, scenario, RoundOpened, word(round))
    if opened is None:
        raise SettlementError(f"round {round} is not open yet: round {scenario.clock().opened} was the last")
    first = last_event(session, scenario, ScoresSubmitted, word(round))
    if first is None:
        paid = last_event(session, scenario, RoundFinalized, word(round))
        raise SettlementError(
            f"round {round} has no scores yet"
            if paid is None
            else f"round {round} was paid without scores: there is nothing to check"
        )
    standing = last_event(session, scenario, ScoresReplaced, word(round)) or first
    wallets = scenario.clients()
    supplies = scenario.read_many(("supply_of", [k]) for k in range(len(wallets)))
    return PostedRound(
        round=round,
        block_hash=session.block_hash(opened.block),
        root=standing.evidence_root,
        partaking=_joined_before(scenario, opened),
        scores=_padded(standing.scores, len(wallets)),
        submitted=_padded(first.scores, len(wallets)),
        wallets=tuple(wallets),
        supplies=tuple(supplies),
        score_cap=Fraction(terms.score_cap, WAD),
    )


def _joined_before(scenario: Scenario, opened: RoundOpened) -> int:
    """Return how many clients had joined when a round was opened."""
    joined = read_events(scenario.session, [scenario], 0, opened.block, topics=[topic_of(ClientJoined)])
    return sum((one.block, one.log_index) < (opened.block, opened.log_index) for one in joined)


def _padded(scores: tuple[int, ...], clients: int) -> tuple[int, ...]:
    return scores + (0,) * (clients - len(scores))
