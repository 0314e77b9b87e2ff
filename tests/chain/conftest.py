"""A small federation on the embedded chain, and the steps of its life."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain import (
    Numeraire,
    Orchestrator,
    Scenario,
    Session,
    Terms,
    deploy_numeraire,
    deploy_platform,
)
from wallstreetfeds.chain.embedded import EmbeddedProvider

UNLIMITED = 2**256 - 1
DAY = 86_400
ROOT = b"\x11" * 32


@dataclass
class Federation:
    """A funded federation with its people; the market is not open yet."""

    session: Session
    orchestrator: Orchestrator
    scenario: Scenario
    numeraire: Numeraire
    deployer: LocalAccount
    federator: LocalAccount
    clients: list[LocalAccount]
    lp: LocalAccount
    investor: LocalAccount
    arbiter: LocalAccount

    def join(self, listed: int | None = None) -> None:
        """All clients join; the first `listed` of them (by default all) deposit tokens."""
        for number, client in enumerate(self.clients):
            self.scenario.join(listed is None or number < listed, sender=client)

    def open(self, listed: int | None = None) -> None:
        """Join, deposit, open the market and let the opening fee run out."""
        self.join(listed)
        budget = self.scenario.terms().budget
        self.scenario.deposit_numeraire(budget // 5, sender=self.federator)
        self.scenario.deposit_numeraire(budget // 20, sender=self.lp)
        providers = [self.federator.address, self.lp.address]
        self.scenario.open_market(providers, 1, 0, sender=self.federator)
        self.session.advance_time(3600)
        for account in (self.investor, self.lp):
            self.numeraire.approve(self.scenario.pool(), UNLIMITED, sender=account)

    def buy(self, asset: int, amount: int) -> int:
        """The investor buys tokens for `amount` of numeraire."""
        swap = self.scenario.market().swap_exact_in
        return swap(0, asset, amount, 1, self.investor.address, UNLIMITED, sender=self.investor).value

    def play(self, scores: Sequence[int]) -> int:
        """Open, score and pay a round."""
        round_ = self.scenario.open_round(sender=self.federator).value
        self.scenario.submit_scores(round_, scores, ROOT, sender=self.federator)
        self.scenario.finalize_round(round_, scores, sender=self.federator)
        return round_


def make_federation(
    session: Session,
    clients: int = 3,
    rounds: int = 3,
    budget: int = 1_000_000_007,
    schedule: Sequence[int] = (),
    supplies: Sequence[int] = (),
    **changed: Any,
) -> Federation:
    """A federation with the default terms but for those changed, its budget escrowed."""
    deployer, federator, lp, investor, arbiter = (
        session.account(name) for name in ("deployer", "federator", "lp", "investor", "arbiter")
    )
    people = [session.account(f"client {k}") for k in range(clients)]
    orchestrator = deploy_platform(session, deployer)
    numeraire = deploy_numeraire(session, deployer)
    if "challenge_window" in changed:
        changed["arbiter"] = arbiter.address
    terms = Terms(
        numeraire=numeraire.address,
        budget=budget,
        rounds=rounds,
        opening_deadline=session.timestamp() + 30 * DAY,
        **changed,
    )
    created = orchestrator.create_scenario(terms, schedule, sender=federator)
    scenario = Scenario(session, created.value)
    for account in (federator, lp, investor):
        numeraire.mint(account.address, 3 * budget, sender=deployer)
        for spender in (scenario.address, scenario.challenges()):
            numeraire.approve(spender, UNLIMITED, sender=account)
    scenario.fund(sender=federator)
    scenario.allow_clients([client.address for client in people], supplies, sender=federator)
    return Federation(
        session, orchestrator, scenario, numeraire, deployer, federator, people, lp, investor, arbiter
    )


class Server:
    """An HTTP server on this machine; `answer` says what it replies to a request's JSON."""

    def __init__(self, answer: Callable[[Any], bytes]) -> None:
        self.answer = answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = outer.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self) -> None:
        """Stop answering; may be called again."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Any], bytes]], Server]]:
    servers = []

    def start(answer: Callable[[Any], bytes]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def node(serve: Callable[[Callable[[Any], bytes]], Server]) -> Server:
    """The embedded chain as a node: JSON-RPC over HTTP, batches included."""
    provider = EmbeddedProvider(9)

    def one(request: dict[str, Any]) -> dict[str, Any]:
        return {**provider.make_request(request["method"], request["params"]), "id": request["id"]}

    def answer(request: Any) -> bytes:
        batch = isinstance(request, list)
        return json.dumps([one(r) for r in request] if batch else one(request)).encode()

    return serve(answer)


@pytest.fixture
def session() -> Session:
    return Session.embedded(7)


@pytest.fixture
def federation(session: Session) -> Federation:
    return make_federation(session)


@pytest.fixture(scope="session")
def founding() -> Callable[..., Federation]:
    """`make_federation`, for tests that need another session or other sizes."""
    return make_federation
