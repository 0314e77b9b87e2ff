"""Accounts, nonces and figures of a session; every failure in a sentence."""

from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from eth_account import Account
from web3 import Web3

from wallstreetfeds.chain import (
    ContractError,
    DevelopmentOnlyError,
    FundsError,
    NodeError,
    Numeraire,
    OutOfGasError,
    Session,
    WrongChainError,
    deploy_numeraire,
)
from wallstreetfeds.chain.embedded import EmbeddedProvider
from wallstreetfeds.chain.node import RpcError


class PublicNode(EmbeddedProvider):
    """The embedded chain under the identity of a public one: no unlocked accounts, estimates gas."""

    def __init__(self):
        super().__init__(0)
        type(self._chain).chain_id = 5

    def make_request(self, method, params):
        if method == "eth_chainId":
            return {"result": hex(5)}
        if method == "eth_estimateGas":
            answer = super().make_request("eth_call", [params[0], "latest"]) if "to" in params[0] else {}
            return answer if "error" in answer else {"result": hex(1_000_000)}
        return super().make_request(method, params)


@pytest.fixture
def public():
    """A session with a public chain, and an account with ether on it."""
    node = PublicNode()
    owner = Account.from_key(b"\x07" * 32)
    node.make_request("eth_sendTransaction", [{"to": owner.address, "value": hex(10**18), "chainId": 5}])
    return Session(Web3(node)), owner


def test_accounts_derive_from_seed_and_name():
    one, again, other = Session.embedded(1), Session.embedded(1), Session.embedded(2)
    assert one.account("alice").address == again.account("alice").address
    assert one.account("alice").address != one.account("bob").address
    assert one.account("alice").address != other.account("alice").address
    assert one.account("alice") is one.account("alice")


def test_stats_count_transactions_gas_and_seconds(session):
    deployer = session.account("deployer")
    before = session.stats
    receipt = deploy_numeraire(session, deployer).mint(deployer.address, 1, sender=deployer)
    after = session.stats
    assert after.transactions == before.transactions + 2
    assert after.gas >= before.gas + receipt.gas_used
    assert after.seconds > before.seconds


def test_an_own_account_can_send(session):
    stranger = Account.from_key(b"\x05" * 32)
    payment = {"to": stranger.address, "value": hex(10**18)}
    session.node.request("eth_sendTransaction", payment)
    assert deploy_numeraire(session, stranger).minter() == stranger.address


def test_two_sessions_can_share_an_account(session):
    deployer = session.account("deployer")
    numeraire = deploy_numeraire(session, deployer)
    other = Numeraire(Session(session.w3, seed=session.seed), numeraire.address)
    for contract in (other, numeraire, other, numeraire):
        contract.mint(deployer.address, 1, sender=deployer)
    assert numeraire.balanceOf(deployer.address) == 4


def test_no_ether_is_said(session):
    with pytest.raises(FundsError, match="has not enough ether"):
        deploy_numeraire(session, Account.from_key(b"\x06" * 32))


def test_out_of_gas_is_said(session, monkeypatch):
    deployer = session.account("deployer")
    numeraire = deploy_numeraire(session, deployer)
    monkeypatch.setattr("wallstreetfeds.chain.transactions.GAS_LIMIT", 40_000)
    with pytest.raises(OutOfGasError, match="40000 were not enough"):
        numeraire.mint(deployer.address, 1, sender=deployer)


def test_no_contract_at_the_address_is_said(session):
    nothing = Numeraire(session, "0x" + "12" * 20)
    with pytest.raises(WrongChainError, match=r"no DemoNumeraire at 0x1212.* on chain 31337"):
        nothing.totalSupply()
    with pytest.raises(WrongChainError, match="no DemoNumeraire"):
        nothing.mint(nothing.address, 1, sender=session.account("deployer"))
    with pytest.raises(ValueError, match="not an address"):
        Numeraire(session, "0x12")


def test_values_that_do_not_fit_name_the_function(session):
    deployer = session.account("deployer")
    numeraire = deploy_numeraire(session, deployer)
    for wrong in (-1, 2**256, "5"):
        with pytest.raises(ValueError, match=r"DemoNumeraire\.mint"):
            numeraire.mint(deployer.address, wrong, sender=deployer)


def test_a_transaction_that_the_node_has_already_is_waited_for(session, monkeypatch):
    deployer = session.account("deployer")
    numeraire = deploy_numeraire(session, deployer)
    plain = session.node.request

    def stutter(method, *params):
        answer = plain(method, *params)
        if method == "eth_sendRawTransaction":
            raise RpcError(method, -32000, "already known", None)
        return answer

    monkeypatch.setattr(session.node, "request", stutter)
    for _ in range(2):
        numeraire.mint(deployer.address, 1, sender=deployer)
    assert numeraire.balanceOf(deployer.address) == 2


def test_a_transaction_that_is_never_mined_is_said(session, monkeypatch):
    patient = Session(session.w3, seed=session.seed, receipt_timeout=0.05)
    deployer = patient.account("deployer")
    plain = patient.node.request
    monkeypatch.setattr(
        patient.node, "request", lambda m, *p: None if m == "eth_getTransactionReceipt" else plain(m, *p)
    )
    with pytest.raises(NodeError, match="was not mined within"):
        deploy_numeraire(patient, deployer)


def test_public_chain_gets_no_development_account_and_no_clock(public):
    session, _ = public
    assert not session.development
    with pytest.raises(DevelopmentOnlyError, match="chain 5 is not a development chain"):
        session.account("alice")
    with pytest.raises(DevelopmentOnlyError, match="clock"):
        session.advance_time(1)


def test_public_chain_estimates_gas_and_refuses_before_sending(public):
    session, owner = public
    numeraire = deploy_numeraire(session, owner)
    assert numeraire.mint(owner.address, 5, sender=owner).gas_used < 100_000
    sent = session.stats.transactions
    with pytest.raises(ContractError, match="balance too small"):
        numeraire.transfer("0x" + "33" * 20, 6, sender=owner)
    assert session.stats.transactions == sent


def test_dead_node_is_said_in_one_sentence(free_port):
    with pytest.raises(NodeError) as dead:
        Session.connect(f"http://127.0.0.1:{free_port}")
    assert str(dead.value) == f"no Ethereum node answers at http://127.0.0.1:{free_port}: connection refused"


def test_node_that_dies_later_is_said(node):
    session = Session.connect(node.url)
    node.stop()
    with pytest.raises(NodeError, match="no Ethereum node answers"):
        session.timestamp()
    with pytest.raises(NodeError, match="no Ethereum node answers"):
        session.node.request_many([("eth_blockNumber", [])])


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b'{"hello": 1}', b""])
def test_something_else_than_a_node_is_said(serve, body):
    with pytest.raises(NodeError, match=r"is not an Ethereum node|is not JSON-RPC"):
        Session.connect(serve(lambda _: body).url)


def test_wrong_chain_is_said(node):
    with pytest.raises(WrongChainError, match="is on chain 31337, not on 1"):
        Session.connect(node.url, chain_id=1)
    assert Session.connect(node.url, chain_id=31337).development


@pytest.fixture
def free_port():
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    return port
