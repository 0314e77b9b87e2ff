"""The whole life of a small federation through the SDK, on the embedded chain and on a real node."""

import subprocess
import time

import pytest

from wallstreetfeds.chain import ContractError, NodeError, Session, audit, read_events
from wallstreetfeds.chain.anvil import find_anvil, free_port
from wallstreetfeds.records import (
    Claimed,
    ClientJoined,
    Harvested,
    LiquidityAdded,
    MarketOpened,
    RoundFinalized,
    RoundOpened,
    ScoresSubmitted,
    Swap,
)

UNLIMITED = 2**256 - 1
ROOT = b"\x22" * 32


def live(federation):
    """From joining to the last exit; every receipt's value is checked against the chain's state."""
    scenario, federator, lp = federation.scenario, federation.federator, federation.lp
    investor, numeraire, clients = federation.investor, federation.numeraire, federation.clients
    joined = scenario.join(True, sender=clients[0])
    assert joined.value == scenario.token_at(0) == scenario.token(0).address
    assert [e.index for e in joined.events if isinstance(e, ClientJoined)] == [0]
    for client in clients[1:]:
        scenario.join(True, sender=client)
    assert scenario.clients() == [client.address for client in clients]
    scenario.deposit_numeraire(200_000_003, sender=federator)
    opened = scenario.open_market([federator.address], 3, 200_000_003, sender=federator)
    assert opened.value == scenario.pool() == scenario.market().address
    assert any(isinstance(e, MarketOpened) and e.timestamp == opened.timestamp for e in opened.events)
    assert scenario.opened_at() == opened.timestamp
    federation.session.advance_time(3600)

    pool = scenario.market()
    for account in (investor, lp):
        numeraire.approve(pool.address, UNLIMITED, sender=account)
    for token in scenario.tokens():
        token.approve(pool.address, UNLIMITED, sender=lp)
    quote = pool.quote_exact_in(0, 1, 10**7)
    swap = pool.swap_exact_in(0, 1, 10**7, quote, investor.address, UNLIMITED, sender=investor)
    assert swap.value == scenario.token(0).balanceOf(investor.address) == quote
    for asset in (1, 2, 3):
        pool.swap_exact_in(0, asset, 10**7, 1, lp.address, UNLIMITED, sender=lp)
    added = pool.add_liquidity(10**13, [2**111] * 4, UNLIMITED, sender=lp)
    assert len(added.value) == 4
    assert pool.balanceOf(lp.address) == 10**13

    paid = 0
    for round_ in (1, 2, 3):
        assert scenario.open_round(sender=federator).value == round_
        scores = [round_, 5, 0]
        scenario.submit_scores(round_, scores, ROOT, sender=federator)
        scenario.finalize_round(round_, scores, sender=lp)
        assert scenario.clock()[2:] == (round_, round_)
        expected = scenario.token(0).claimable(investor.address)
        claim = scenario.token(0).claim_for(investor.address, sender=lp)
        assert claim.value == expected > 0
        paid += claim.value
    assert scenario.token(2).claim(sender=clients[2]).value == 0
    for token, client in zip(scenario.tokens(), clients, strict=True):
        paid += token.claim(sender=client).value
    paid += pool.claim(sender=lp).value
    assert scenario.paid() == paid
    shares = pool.balanceOf(lp.address)
    removed = pool.remove_liquidity(shares, [0] * 4, lp.address, UNLIMITED, sender=lp)
    assert all(gone <= came for gone, came in zip(removed.value, added.value, strict=True))
    units = [e.units for e in read_events(federation.session, [pool], 0) if isinstance(e, Harvested)]
    # Each round's figure is rounded down, and so is their sum.
    assert 0 <= pool.harvest(sender=investor).value - sum(units) < len(units) == 3
    return paid


def test_life_on_the_embedded_chain(federation):
    paid = live(federation)
    result = audit(federation.session, federation.scenario)
    assert result.discrepancies == ()
    assert result.balanced
    assert (result.deposited, result.claimed) == (1_000_000_007 + 333_333_336, paid)


def test_events_of_a_life_come_in_order_as_records(federation):
    live(federation)
    pool, scenario = federation.scenario.market(), federation.scenario
    contracts = [scenario, pool, *scenario.tokens()]
    events = read_events(federation.session, contracts, 0)
    assert events == sorted(events, key=lambda e: (e.block, e.log_index))
    scores = [e for e in events if isinstance(e, ScoresSubmitted)]
    assert [(e.round, e.scores, e.evidence_root) for e in scores] == [(r, (r, 5), ROOT) for r in (1, 2, 3)]
    kinds = [type(e) for e in events]
    assert kinds.count(RoundOpened) == kinds.count(RoundFinalized) == 3
    assert kinds.count(Swap) == 4
    assert kinds.count(LiquidityAdded) == 1
    assert sum(e.amount for e in events if isinstance(e, Claimed)) == scenario.paid()
    last = federation.session.block_number()
    assert events[-1].timestamp <= federation.session.timestamp()
    half = read_events(federation.session, contracts, 0, last // 2)
    assert half + read_events(federation.session, contracts, last // 2 + 1, last) == events


def test_reading_in_small_chunks_gives_the_same(federation, monkeypatch):
    live(federation)
    everything = read_events(federation.session, [federation.scenario], 0)
    monkeypatch.setattr("wallstreetfeds.chain.events.CHUNK", 7)
    assert read_events(federation.session, [federation.scenario], 0) == everything


@pytest.fixture
def anvil():
    """The address of a fresh anvil, as `make install` brings it, without the switches of kept runs."""
    port = free_port()
    command = [find_anvil(), "--host", "127.0.0.1", "--port", str(port), "--hardfork", "cancun", "--silent"]
    node = subprocess.Popen(command)
    yield f"http://127.0.0.1:{port}"
    node.terminate()
    node.wait(10)


def test_life_on_a_node_over_http(node, founding):
    session = Session.connect(node.url, seed=2)
    federation = founding(session)
    with pytest.raises(ContractError, match="already funded"):
        federation.scenario.fund(sender=federation.federator)
    with pytest.raises(ContractError, match="no such client"):
        federation.scenario.read_many([("clock", []), ("token_at", [9])])
    paid = live(federation)
    result = audit(session, federation.scenario)
    assert result.discrepancies == ()
    assert result.claimed == paid


def connect(url):
    """Connect to a node that has just been started."""
    for _ in range(100):
        try:
            return Session.connect(url, seed=1)
        except NodeError:
            time.sleep(0.05)
    return Session.connect(url, seed=1)


def test_life_on_anvil(anvil, founding):
    session = connect(anvil)
    federation = founding(session)
    with pytest.raises(ContractError, match="already funded"):
        federation.scenario.fund(sender=federation.federator)
    paid = live(federation)
    result = audit(session, federation.scenario)
    assert result.discrepancies == ()
    assert result.claimed == paid
    session.close()
