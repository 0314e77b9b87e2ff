"""What manipulation earns: cases with a known answer, and both markets alike."""

from dataclasses import asdict

import numpy as np
import pytest

from wallstreetfeds.experiments.manipulation import BUDGET, CAP, Attack, Run, jobs, measure
from wallstreetfeds.experiments.reports.manipulation import _rate, blocks, figures, tables
from wallstreetfeds.sim.agents import WashTrader


def row(attack, *, market="model", rewards="synthetic", seed=1, **sizes):
    settings = {"seed": seed, "market": market, "rewards": rewards}
    small = {"clients": 6, "rounds": 8, "crowd": 1, "sessions": 3}
    return measure(settings | small | sizes | asdict(attack))["rows"][0]


def test_without_an_attack_nobody_gains_and_nothing_is_overpaid():
    found = row(Attack("honest"))
    assert found["attacker"] == found["clients"] == found["investors"] == found["overpaid"] == 0
    assert found["recomputed_alike"] == 0


@pytest.mark.parametrize(
    "attack",
    [Attack("collusion"), Attack("collusion", check=1.0), Attack("wash"), Attack("pump"), Attack("puppets")],
    ids=lambda attack: f"{attack.kind}-{attack.check:.0f}",
)
def test_what_the_attacker_gains_others_lose(attack):
    found = row(attack)
    total = sum(found[group] for group in ("attacker", "clients", "investors", "providers"))
    # Only LP shares that nobody owns keep something: less than a unit of the million.
    assert total == pytest.approx(0, abs=1e-6)


def test_collusion_to_the_cap_is_overpaid_by_the_cap_less_its_worth():
    found = row(Attack("collusion"))
    # The last of six has a share of next to nothing; six of eight rounds pay it 4/6 of the pot.
    assert found["overpaid"] == pytest.approx(CAP / 6 * 6 / 8, abs=0.03)
    assert found["recomputed_alike"] == pytest.approx(CAP / 6, abs=0.05)
    # It holds most of its own tokens, and the attacker buys some of the others.
    assert 0.5 * found["overpaid"] < found["attacker"] < found["overpaid"]


def test_recomputing_every_round_costs_colluders_the_bond_and_pays_others():
    found = row(Attack("collusion", check=1.0))
    assert found["caught"] == 6
    # A challenge takes a tenth of the pot from the federator: here six of an eighth of the budget.
    assert found["attacker"] == pytest.approx(-6 * 0.1 / 8, abs=0.02)
    assert found["attacker"] < 0 < found["clients"]


def test_a_bond_that_is_used_up_takes_nothing_more():
    small, large = (row(Attack("collusion", check=1.0, bond=bond)) for bond in (0.02, 0.5))
    # Six catches cost a tenth of a pot each, 7.5 % of the budget; a bond of 2 % ends with the second.
    assert large["attacker"] - small["attacker"] == pytest.approx(0.02 - 0.075, abs=0.005)
    assert large == pytest.approx(row(Attack("collusion", check=1.0)), abs=1e-9)


def test_an_attacker_that_does_nothing_changes_nobodys_money(monkeypatch):
    monkeypatch.setattr(WashTrader, "step", lambda self, market, rng: None)
    found = row(Attack("wash"))
    assert found["attacker"] == found["clients"] == found["investors"] == found["providers"] == 0


def test_sock_clients_do_what_others_do_until_the_first_false_score():
    settings = {"market": "model", "seed": 1, "clients": 6, "rounds": 8, "crowd": 1, "sessions": 3}
    scored = np.tile(np.linspace(0.3, 0.0, 6) / np.linspace(0.3, 0.0, 6).sum(), (8, 1))
    prices = []
    for attacked in (False, True):
        run = Run(settings, Attack("collusion"), scored, attacked=attacked)
        seen = [run.market.spot_prices() for moment in run.life.play(run.shares) if moment.phase == "trading"]
        prices.append(np.array(seen))
    before = run.start
    assert np.array_equal(prices[0][:before], prices[1][:before])
    assert not np.allclose(prices[0][before], prices[1][before])


def test_recomputing_finds_nothing_where_scores_are_right():
    assert row(Attack("wash", check=1.0)) == row(Attack("wash"))


def test_washing_without_followers_costs_the_washer_fees_and_providers_get_them():
    found = row(Attack("wash", followers=0.0))
    assert found["attacker"] < 0 < found["providers"]


def test_puppets_are_paid_by_the_cap_only_where_too_few_others_may_have_everything():
    # With twelve puppets the cap is 2/9: the five of six whose scores are always above zero reach one.
    assert row(Attack("puppets", seats=12))["overpaid"] == pytest.approx(0.0, abs=1e-8)
    # With twenty-four it is 2/15: five or six may have two thirds or four fifths.
    assert 0.15 < row(Attack("puppets", seats=24))["overpaid"] < 1 / 3


def test_the_same_settings_give_the_same_answer():
    assert row(Attack("pump"), seed=3) == row(Attack("pump"), seed=3)


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        (Attack("bribe"), "no attack 'bribe'"),
        (Attack("collusion", check=1.5), "check is a probability"),
        (Attack("collusion", seats=5), "two have to be honest"),
    ],
)
def test_bad_attacks_are_refused(attack, message):
    with pytest.raises(ValueError, match=message):
        row(attack)


def test_unknown_rewards_are_refused():
    with pytest.raises(ValueError, match="there are learned and synthetic"):
        row(Attack("honest"), rewards="drawn")


def test_contracts_give_the_same_result():
    attack, tiny = Attack("collusion", check=1.0), {"clients": 3, "rounds": 1, "sessions": 1}
    model, chain = (row(attack, market=market, **tiny) for market in ("model", "chain"))
    assert model["caught"] == 1
    assert chain == pytest.approx(model, rel=1e-5, abs=1e-6)


def test_the_report_shows_every_attack_asked():
    asked = jobs(quick=True, seeds=2)
    answers = [{"rows": [_made_up(job.settings)]} for job in asked]
    found = tables(asked, answers)
    assert {entry["kind"] for entry in found["attacks"]} == {"collusion", "wash", "pump", "puppets"}
    (zero,) = found["break_even"]
    assert zero["bond"] is None
    assert zero["check"][0] == pytest.approx(0.8)
    assert all("puppets" in block for block in blocks(found).values())
    assert all(drawn.startswith(b"<?xml") for drawn in figures(found).values())


def test_a_larger_bond_has_a_break_even_of_its_own():
    asked = jobs(quick=False, seeds=1)
    answers = [{"rows": [_made_up(job.settings)]} for job in asked]
    for job, answer in zip(asked, answers, strict=True):
        if job.settings["bond"] is not None:
            answer["rows"][0]["attacker"] -= 0.1
    found = {
        (entry["seats"], entry["bond"]): entry["check"][0] for entry in tables(asked, answers)["break_even"]
    }
    assert found[1, None] == found[3, None] == pytest.approx(0.8)
    # Where half is recomputed the profit is 0.05 under the larger bond, at three quarters -0.075.
    assert found[1, 0.2] == pytest.approx(0.6)
    assert any("bond 20 %" in block for block in blocks(tables(asked, answers)).values())


def test_rates_have_an_interval_even_where_no_alarm_rang():
    part, low, high = _rate(0, 30)
    assert part == low == 0
    # By hand: z^2 / (n + z^2).
    assert high == pytest.approx(3.8415 / 33.8415, abs=1e-4)
    assert _rate(30, 30)[1] == pytest.approx(1 - high, abs=1e-6)


def _made_up(settings):
    """An answer whose profit falls from 0.4 without checks to -0.1 with all rounds checked."""
    profit = 0.4 - 0.5 * settings["check"]
    alarms = dict.fromkeys(("recomputed_alike", "recomputed_anew", "price", "volume", "circular"), 0.1)
    others = dict.fromkeys(("clients", "investors", "providers"), -profit / 3)
    return {"attacker": profit, "overpaid": 0.1, "caught": 0} | others | alarms


def test_a_chain_is_asked_for_little_and_all_of_it_is_synthetic():
    asked = jobs(quick=False, seeds=None, market="chain")
    assert len(asked) < 20
    assert {job.settings["rewards"] for job in asked} == {"synthetic"}
    assert all(job.settings["market"] == "chain" for job in asked)
    assert BUDGET > 0
