"""`wsf demo` as a person runs it: a process, its two streams, its exit code."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import pytest

WSF = [sys.executable, "-W", "ignore", "-m", "wallstreetfeds"]
SMALL = ["demo", "--clients", "3", "--rounds", "2"]


def wsf(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*WSF, *arguments], capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "new" / "folder"
    done = wsf(*SMALL, "--seed", "3", "--json", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return done, json.loads(done.stdout), out


def test_json_is_one_object_and_nothing_else(run):
    done, result, _ = run
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert set(result) >= {"clients", "rounds", "model", "conservation", "chain", "learning", "assessment"}
    assert set(result["clients"][0]) >= {
        "name",
        "address",
        "token",
        "quality",
        "score_share",
        "reward",
        "raised",
        "price_open",
        "price_last",
        "fair_last",
    }


def test_amounts_are_integer_strings_that_add_up(run):
    _, result, _ = run
    money = {k: int(v) for k, v in result["conservation"].items() if k != "balanced"}
    assert result["conservation"]["balanced"] is True
    parts = ("escrow", "claimed", "claimable", "bonds", "dust")
    # The budget, and with two rounds half as much again for the bond.
    assert money["deposited"] == sum(money[part] for part in parts) == 15 * 10**11
    assert money["bonds"] == 5 * 10**11
    assert money["escrow"] < 1000  # the rest of the last division
    assert money["claimed"] > 0
    assert money["claimable"] > 0  # somebody always forgets to claim
    assert sum(int(client["reward"]) for client in result["clients"]) <= 10**12


def test_without_disputes_there_are_no_challenges(run):
    assert run[1]["challenges"] == []


def test_a_lie_is_challenged_and_a_wrong_challenge_is_lost(tmp_path):
    done = wsf(*SMALL, "--seed", "3", "--challenge", "--json", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout
    result = json.loads(done.stdout)
    lie, quarrel = result["challenges"]
    assert (lie["round"], lie["ruling"], lie["challenger"]) == (1, "replaced", "lender-03")
    assert lie["share_submitted"] > lie["share_recomputed"]
    bond = 25 * 10**9
    assert int(lie["returned"]) == 2 * bond
    assert int(lie["compensation"]) == int(lie["added"]) == int(lie["bond"]) == bond
    assert (quarrel["round"], quarrel["ruling"], quarrel["challenger"]) == (2, "upheld", "lp")
    assert quarrel["favoured"] is None
    assert int(quarrel["forfeited"]) == int(quarrel["bond"]) == bond
    money = {k: int(v) for k, v in result["conservation"].items() if k != "balanced"}
    assert result["conservation"]["balanced"] is True
    parts = ("escrow", "claimed", "claimable", "bonds", "dust")
    # Budget and bond, less what the first challenger won; the rest of the bond is still there.
    assert money["deposited"] == sum(money[part] for part in parts) == 15 * 10**11 - bond
    assert money["bonds"] == 5 * 10**11 - 2 * bond
    assert [int(entry["pot"]) for entry in result["series"]] == [5 * 10**11 + bond, 5 * 10**11]
    assert lie["favoured"] == "lender-02"
    assert result["series"][0]["score_shares"][1] == pytest.approx(lie["share_recomputed"])
    assert "Challenge in round 1" in (tmp_path / "report.html").read_text()


def test_the_screen_says_who_challenged_and_where_the_bonds_went():
    done = wsf(*SMALL, "--seed", "3", "--challenge")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "Challenge in round 1: the federator gave" in said
    assert (
        "got 50,000.00 back, 25,000.00 of it from the federator's bond; 25,000.00 more of that went" in said
    )
    assert "Challenge in round 2: lp challenged scores that are right with a bond of 25,000.00." in said
    assert "Upheld: the bond of 25,000.00 went to the federator." in said
    assert "bonds 450,000.00" in said


def test_one_client_in_three_is_bad_and_earns_least(run):
    _, result, _ = run
    by_share = sorted(result["clients"], key=lambda client: client["score_share"])
    assert [client["quality"] for client in by_share].count("good") == 2
    assert by_share[0]["quality"] != "good"
    assert sum(client["score_share"] for client in by_share) == pytest.approx(1)


def test_prices_open_at_the_prior_and_fall_with_the_schedule(run):
    _, result, _ = run
    prior = 1_000_000 / (3 * 1_000_000)
    for client in result["clients"]:
        assert client["price_open"] == pytest.approx(prior, rel=1e-9)
        assert 0 < client["price_last"] < prior


def test_out_holds_the_same_result_in_a_file(run):
    _, result, out = run
    assert json.loads((out / "results.json").read_text()) == result
    written = sorted(path.name for path in out.iterdir())
    assert written == ["events.parquet", "report.html", "results.json", "rounds.parquet"]


def test_same_seed_same_run_another_seed_another_run(run):
    _, result, _ = run
    again = json.loads(wsf(*SMALL, "--seed", "3", "--json").stdout)
    other = json.loads(wsf(*SMALL, "--seed", "4", "--json").stdout)
    for key in ("clients", "series", "conservation", "rounds", "model"):
        assert again[key] == result[key]
    assert [c["score_share"] for c in other["clients"]] != [c["score_share"] for c in result["clients"]]


def test_the_table_shows_every_client_and_the_money():
    done = wsf(*SMALL)
    assert done.returncode == 0, done.stderr
    for name in ("lender-01", "lender-02", "lender-03", "log-loss", "balanced"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clients", "1"], "--clients is 1"),
        (["--clients", "65"], "--clients is 65"),
        (["--rounds", "0"], "--rounds is 0"),
        (["--rounds", "257"], "--rounds is 257"),
        (["--seed", "-1"], "--seed is -1"),
        (["--challenge", "--rounds", "1"], "--rounds is 1"),
        (["--challenge", "--keep"], "--challenge is not for a kept run"),
        (["--out", "/dev/null/x"], "cannot write to /dev/null/x"),
    ],
)
def test_bad_input_is_refused_in_one_message(arguments, message):
    done = wsf("demo", *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_type_is_wrong_usage():
    done = wsf("demo", "--clients", "ten")
    assert done.returncode == 2
    assert "ten" in done.stderr


def test_with_json_an_error_is_inside_the_json():
    done = wsf("demo", "--clients", "1", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "--clients is 1"
    assert done.stderr == ""


def test_a_dead_node_is_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = wsf(*SMALL, "--rpc", url)
    assert done.returncode == 1
    assert url in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_run_writes_nothing(tmp_path, hears_interrupts):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*WSF, "demo", "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # The first rounds are done: Python and the chain are there.
    for line in process.stderr:
        if line.startswith("Round 2/"):
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "poetry"], "unknown task 'poetry'"),
        (["--skew", "0"], "positive number"),
        (["--skew", "nan"], "positive number"),
        (["--task", "lending-club", "--clients", "60"], "at most so many clients, not 60"),
    ],
)
def test_a_task_that_does_not_exist_or_fit_is_refused(arguments, message):
    done = wsf("demo", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("task", ["mnist", "lending-club"])
def test_other_tasks_run_and_balance(task):
    done = wsf(*SMALL, "--task", task, "--json")
    assert done.returncode == 0, done.stdout
    result = json.loads(done.stdout)
    assert result["conservation"]["balanced"] is True
    assert result["model"]["last"] < result["model"]["first"]
