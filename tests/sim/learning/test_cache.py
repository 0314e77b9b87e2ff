"""Kept answers: whole or not there, by everything they depend on, one clear error where nothing fits."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from wallstreetfeds.sim.learning import cache as keeping
from wallstreetfeds.sim.learning.cache import Cache, code_digest, content_key, default_folder

ANSWER = {"values": [0.1, 1 / 3, -2e-300], "note": "é", "none": None}


@dataclass(frozen=True)
class Half:
    x: float


@dataclass(frozen=True)
class Other:
    x: float


def test_an_answer_comes_back_to_the_bit(tmp_path):
    cache = Cache(tmp_path / "new" / "folder")
    assert cache.get("k") is None
    cache.put("k", ANSWER)
    assert cache.get("k") == ANSWER
    assert [path.name for path in cache.folder.iterdir()] == ["k.json"]


@pytest.mark.parametrize(
    "broken", ["", "{", "[1]", '{"answer": {}}', '{"sha256": "0", "answer": [1]}', "\xff"]
)
def test_a_damaged_file_is_no_answer_and_is_said(tmp_path, broken, caplog):
    cache = Cache(tmp_path)
    cache.path("k").write_bytes(broken.encode("latin-1"))
    with caplog.at_level(logging.WARNING):
        assert cache.get("k") is None
    assert "computed again" in caplog.text


def test_one_digit_that_has_changed_is_found(tmp_path, caplog):
    cache = Cache(tmp_path)
    cache.put("k", ANSWER)
    kept = json.loads(cache.path("k").read_text())
    kept["answer"]["values"][0] = 0.2
    cache.path("k").write_text(json.dumps(kept))
    assert cache.get("k") is None
    assert "is damaged" in caplog.text


def test_what_is_there_is_replaced(tmp_path):
    cache = Cache(tmp_path)
    cache.put("k", {"a": 1})
    cache.put("k", {"a": 2})
    assert cache.get("k") == {"a": 2}


def test_many_may_write_the_same_answer_at_the_same_time(tmp_path):
    cache = Cache(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache.put("k", ANSWER), range(64)))
    assert cache.get("k") == ANSWER
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"cannot write to the cache .*choose another folder, or do without"):
        Cache(tmp_path / "file" / "folder")


def test_a_disk_that_is_full_is_one_clear_error(tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    cache = Cache(tmp_path)
    monkeypatch.setattr(keeping, "write_file", full)
    with pytest.raises(ValueError, match="No space left on device; choose another folder"):
        cache.put("k", ANSWER)
    assert list(tmp_path.iterdir()) == []


def test_the_default_folder_is_where_the_desktop_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder("learning") == tmp_path / "wallstreetfeds" / "learning"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_folder("learning").parts[-3:] == (".cache", "wallstreetfeds", "learning")


def test_different_content_has_different_keys():
    contents = [
        [1, 2],
        [[1], 2],
        [1, [2]],
        ["1", 2],
        12,
        {"a": 1, "b": 2},
        {"a": 1, "b": None},
        Half(1.0),
        Other(1.0),
        Half(2.0),
        np.zeros(2),
        np.zeros((2, 1)),
        np.zeros(2, dtype=np.int64),
        np.array([0.0, -0.0]),
    ]
    assert len({content_key(content, ("sim/learning",)) for content in contents}) == len(contents)


def test_equal_content_has_one_key():
    one, same = (content_key({"b": (1, np.arange(3)), "a": Half(0.5)}, ("sim/learning",)) for _ in range(2))
    assert one == same
    assert content_key({"a": Half(0.5), "b": [1, np.arange(3)]}, ("sim/learning",)) == one


def test_changed_code_has_another_digest_and_what_is_left_out_has_not(tmp_path):
    (tmp_path / "sim").mkdir()
    code, report = tmp_path / "sim" / "kernels.py", tmp_path / "sim" / "report.py"
    code.write_text("a")
    report.write_text("a")

    def digest():
        code_digest.cache_clear()
        return code_digest(tmp_path, ("sim",), frozenset({"sim/report.py"}))

    before = digest()
    report.write_text("b")
    assert digest() == before
    code.write_text("b")
    assert digest() != before
    code_digest.cache_clear()
