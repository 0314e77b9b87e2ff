"""The embedded chain: deterministic, one transaction a block, and like a node in what it answers."""

import time

import pytest

from wallstreetfeds.chain import Session, deploy_numeraire
from wallstreetfeds.chain.embedded import BLOCK_SECONDS
from wallstreetfeds.chain.node import RpcError


def short_life(seed):
    session = Session.embedded(seed)
    deployer = session.account("deployer")
    deploy_numeraire(session, deployer).mint(deployer.address, 5, sender=deployer)
    return session


def test_same_seed_same_blocks_and_another_seed_others(monkeypatch):
    first = short_life(3)
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    second, third = short_life(3), short_life(4)
    last = first.block_number()
    assert first.block_hash(last) == second.block_hash(last)
    assert first.block_hash(0) != third.block_hash(0)
    assert first.timestamp() != third.timestamp()


def test_blocks_are_equally_far_apart_and_time_can_be_advanced(session):
    before = session.timestamp()
    session.advance_time(0)
    assert session.timestamp() == before + BLOCK_SECONDS
    session.advance_time(3600)
    assert session.timestamp() == before + 2 * BLOCK_SECONDS + 3600
    with pytest.raises(ValueError, match="backwards"):
        session.advance_time(-1)


def test_reads_change_nothing_and_see_the_past(session):
    deployer = session.account("deployer")
    numeraire = deploy_numeraire(session, deployer)
    minted = numeraire.mint(deployer.address, 5, sender=deployer)
    number, digest = session.block_number(), session.block_hash(session.block_number())
    call = {"from": deployer.address, "to": numeraire.address, "data": "0xa9059cbb" + "11" * 64}
    with pytest.raises(RpcError, match="execution reverted") as refused:
        session.node.request("eth_call", call, "latest")
    assert refused.value.reverted
    assert numeraire.balanceOf(deployer.address) == 5
    assert numeraire.at_block(minted.block - 1).balanceOf(deployer.address) == 0
    assert (session.block_number(), session.block_hash(number)) == (number, digest)


def test_unknown_methods_and_blocks_are_refused(session):
    with pytest.raises(RpcError, match="eth_mystery"):
        session.node.request("eth_mystery")
    with pytest.raises(RpcError, match="no block 99"):
        session.node.request("eth_getBalance", session.account("anyone").address, hex(99))


def test_logs_are_filtered_by_address_topic_and_block(session):
    deployer = session.account("deployer")
    one, two = deploy_numeraire(session, deployer), deploy_numeraire(session, deployer)
    first = one.mint(deployer.address, 5, sender=deployer)
    two.mint(deployer.address, 6, sender=deployer)

    def logs(**query):
        return session.node.request("eth_getLogs", {"fromBlock": "0x0", **query})

    assert len(logs()) == 2
    assert [log["blockNumber"] for log in logs(address=one.address)] == [hex(first.block)]
    assert logs(toBlock=hex(first.block - 1)) == []
    topics = logs()[0]["topics"]
    assert len(logs(topics=topics)) == 2
    assert logs(topics=[topics[0], "0x" + "ff" * 32]) == []
    assert len(logs(topics=[[topics[0], "0x" + "ff" * 32], None])) == 2


def test_web3_itself_works_on_it(session):
    account = session.account("anyone")
    assert session.w3.eth.get_balance(account.address) == session.balance(account.address) == 50 * 10**18
    assert session.w3.eth.get_block("latest")["number"] == session.block_number()
    assert session.w3.is_connected()
