"""Jobs: answers in order, kept by content, the same from one process and from two."""

import json
import os
import signal
import socket
import subprocess
import sys
import types
from importlib.util import find_spec
from pathlib import Path

import pytest

import wallstreetfeds
from wallstreetfeds.experiments import EXPERIMENTS, runner
from wallstreetfeds.experiments.assessment import fidelity
from wallstreetfeds.experiments.assessment.attackers import ATTACKS
from wallstreetfeds.experiments.runner import Job, run_jobs
from wallstreetfeds.sim.learning import cache as keeping
from wallstreetfeds.sim.learning.cache import Cache

calls = []


def square(settings):
    calls.append(settings["x"])
    return {"square": settings["x"] ** 2}


def refuse(settings):
    raise RuntimeError("no")


@pytest.fixture(autouse=True)
def forgotten():
    calls.clear()


def jobs(*numbers):
    return [Job(square, {"x": number}, cost=number) for number in numbers]


def test_answers_come_in_the_order_of_the_jobs():
    assert [a["square"] for a in run_jobs(jobs(1, 3, 2), cache=None, workers=1)] == [1, 9, 4]


def test_the_dearest_job_starts_first():
    run_jobs(jobs(1, 3, 2), cache=None, workers=1)
    assert calls == [3, 2, 1]


def test_a_second_run_computes_nothing(tmp_path):
    first = run_jobs(jobs(1, 2), cache=Cache(tmp_path), workers=1)
    calls.clear()
    assert run_jobs(jobs(1, 2, 3), cache=Cache(tmp_path), workers=1)[:2] == first
    assert calls == [3]


def test_a_cache_can_be_passed_over(tmp_path):
    run_jobs(jobs(1), cache=Cache(tmp_path), workers=1)
    run_jobs(jobs(1), cache=Cache(tmp_path), workers=1, read=False)
    assert calls == [1, 1]


def test_other_code_means_other_keys(monkeypatch):
    before = Job(square, {"x": 1}).key
    assert before == Job(square, {"x": 1}, cost=7.0).key
    assert before != Job(square, {"x": 2}).key
    assert before != Job(refuse, {"x": 1}).key
    monkeypatch.setattr(keeping, "code_digest", lambda *_: "changed")
    assert before != Job(square, {"x": 1}).key


def test_what_is_left_out_of_keys_is_there():
    for name in runner.PRESENTATION:
        assert (Path(wallstreetfeds.__file__).parent / name).is_file()


@pytest.mark.parametrize("broken", ["", "{", "[1]"])
def test_an_answer_cut_short_is_computed_again(tmp_path, broken):
    (job,) = jobs(4)
    (tmp_path / f"{job.key}.json").write_text(broken)
    assert run_jobs([job], cache=Cache(tmp_path), workers=1) == [{"square": 16}]
    assert json.loads((tmp_path / f"{job.key}.json").read_text())["answer"] == {"square": 16}


def test_an_error_of_a_job_ends_the_run():
    with pytest.raises(RuntimeError, match="no"):
        run_jobs([Job(refuse, {})], cache=None, workers=1)


def test_progress_adds_up_to_the_costs_with_and_without_the_cache(tmp_path):
    for _ in range(2):
        seen = []
        run_jobs(jobs(1, 2, 3), cache=Cache(tmp_path), workers=1, progress=seen.append)
        assert sum(seen) == 6


def test_two_processes_find_what_one_finds():
    settings = {"federation": "credit", "skew": "quantity", "clients": 3, "rounds": 1}
    work = [Job(fidelity.measure, {**settings, "seed": seed}) for seed in (1, 2)]
    assert run_jobs(work, cache=None, workers=2) == run_jobs(work, cache=None, workers=1)


def test_there_are_the_attacks_the_report_names():
    assert {"free-riding", "noise x1", "noise x3", "replay", "label noise", "copy", "split in 3"} <= set(
        ATTACKS
    )


def test_a_cluster_that_nobody_runs_is_refused_at_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", types.ModuleType("ray"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ConnectionError, match=f"no Ray cluster answers at {address}"):
            run_jobs(jobs(1), cache=None, workers=1, ray=address)


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
def test_a_cluster_finds_what_one_process_finds():
    settings = {"federation": "credit", "skew": "quantity", "clients": 3, "rounds": 1}
    work = [Job(fidelity.measure, {**settings, "seed": seed}) for seed in (1, 2)]
    # In a process of its own: Ray leaves files open, which are warnings here.
    done = subprocess.run(
        [sys.executable, "-c", ON_RAY, json.dumps([job.settings for job in work])],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == run_jobs(work, cache=None, workers=1)


ON_RAY = """
import json, sys
from wallstreetfeds.experiments.assessment import fidelity
from wallstreetfeds.experiments.runner import Job, run_jobs

jobs = [Job(fidelity.measure, settings) for settings in json.loads(sys.argv[1])]
print(json.dumps(run_jobs(jobs, cache=None, workers=1, ray="local")))
"""

SLOW = """
import sys, time
from pathlib import Path
from wallstreetfeds.experiments.runner import Job, run_jobs
from wallstreetfeds.sim.learning.cache import Cache

def slow(settings):
    time.sleep(0.2)
    return {"seen": settings["x"]}

jobs = [Job(slow, {"x": x}) for x in range(30)]
keep = Cache(Path(sys.argv[1]))
print(sum(keep.has(job.key) for job in jobs), flush=True)
answers = run_jobs(jobs, cache=keep, workers=1, progress=lambda _: print("one", flush=True))
print([answer["seen"] for answer in answers])
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    command = [sys.executable, "-c", SLOW, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        for _ in range(4):  # how many there were, and three answers
            killed.stdout.readline()
        killed.kill()
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    first, *_, last = done.stdout.splitlines()
    assert 3 <= int(first) < 30
    assert last == str(list(range(30)))


WORKERS = """
import os, signal, sys, time
from pathlib import Path
from wallstreetfeds.experiments.runner import Job, run_jobs
from wallstreetfeds.sim.learning.cache import Cache

def waits(settings):
    print(os.getpid(), flush=True)
    time.sleep(60)
    return {}

def answers(settings):
    return {"seen": settings["x"]}

def is_killed(settings):
    os.kill(os.getpid(), signal.SIGKILL)
    return {}

if __name__ == "__main__":
    folder, kind = sys.argv[1:]
    if kind == "waits":
        run_jobs([Job(waits, {"x": x}) for x in range(2)], cache=None, workers=2)
    jobs = [Job(answers, {"x": 1}), Job(is_killed, {"x": 2}), Job(is_killed, {"x": 3})]
    keep = Cache(Path(folder))
    run_jobs(jobs[:1], cache=keep, workers=1)
    try:
        run_jobs(jobs, cache=keep, workers=2)
    except ChildProcessError as error:
        print(error)
"""


def workers_of(folder, kind):
    script = folder / "script.py"
    script.write_text(WORKERS)
    return [sys.executable, str(script), str(folder), kind]


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    command = workers_of(tmp_path, "waits")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        try:
            parent.communicate(timeout=10)  # it ends when nobody holds standard output any more
        except subprocess.TimeoutExpired:
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            raise


def test_a_worker_that_is_killed_ends_the_run_with_a_word(tmp_path):
    command = workers_of(tmp_path, "is killed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "a worker process was ended from outside" in done.stdout
    assert "1 of 3 answers are kept" in done.stdout


def test_an_answer_depends_on_its_experiment_and_on_what_all_share_but_on_no_other():
    own = runner._own_code("wallstreetfeds.experiments.assessment.fidelity")
    assert {"experiments/assessment", "experiments/lab.py", "experiments/statistics.py"} <= set(own)
    others = {known.path.rpartition(".")[2] for known in EXPERIMENTS.values()} - {"assessment"}
    assert not {f"experiments/{name}.py" for name in others} & set(own)
