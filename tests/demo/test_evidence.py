"""The demo's evidence: one bundle a round, checked against the chain, the same bytes every time."""

from fractions import Fraction

from wallstreetfeds.chain import Scenario, Session
from wallstreetfeds.chain.posted import posted_round
from wallstreetfeds.demo.run import run_demo
from wallstreetfeds.federation.evidence import EvidenceFolder, Posted, verify_round
from wallstreetfeds.federation.signing import Venue
from wallstreetfeds.federation.tasks import named_task

CLIENTS, ROUNDS, SEED = 3, 2, 3


class Nobody:
    """An observer that looks away."""

    def stage(self, text):
        """Nothing."""

    def market_open(self, opening, snapshot):
        """Nothing."""

    def round_done(self, report, snapshot):
        """Nothing."""


def played(bundles):
    session = Session.embedded(SEED)
    task = named_task("credit")
    options = {"clients": CLIENTS, "rounds": ROUNDS, "seed": SEED, "observer": Nobody()}
    return session, run_demo(session, task, bundles=bundles, **options)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_run_gives_the_same_evidence_and_the_chain_agrees_with_it(tmp_path):
    session, result = played(tmp_path / "first")
    played(tmp_path / "again")
    assert contents(tmp_path / "first") == contents(tmp_path / "again")
    assert len(list((tmp_path / "first" / "rounds").iterdir())) == ROUNDS
    scenario = Scenario(session, result.scenario)
    for number in range(1, ROUNDS + 1):
        found = posted_round(scenario, number)._asdict()
        assert found.pop("submitted") == found["scores"]
        assert found["score_cap"] == Fraction(4)
        posted = Posted(venue=Venue(session.chain_id, scenario.address), **found)
        verdict = verify_round(posted, EvidenceFolder(tmp_path / "first"))
        assert verdict.equal, verdict.faults
        assert (verdict.updates, verdict.signatures) == (CLIENTS, CLIENTS)
