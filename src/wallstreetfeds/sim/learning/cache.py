"""Answers kept by content: what has been computed once, by the same code from the same input, is read.

One file an answer, JSON, named by the digest of everything the answer depends on; a digest of the answer
inside tells a damaged file, which is computed again and said (a warning of this module's logger). Files are
written whole or not at all, and any number of processes may share a folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

import wallstreetfeds
from wallstreetfeds.durable import write_file

log = logging.getLogger(__name__)

CODE_SUFFIXES: Final = (".py", ".vy", ".vyi")

Answer = dict[str, Any]
"""Plain JSON; floats come back to the bit."""


class Cache:
    """A folder of answers. Raises ValueError where nothing can be written: choose another or do without."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._unusable(PermissionError(13, "no permission"))

    def get(self, key: str) -> Answer | None:
        """Return the answer kept under `key`; None where there is none, or a damaged one."""
        path = self.path(key)
        try:
            text = path.read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s cannot be read (%s): computed again", path, error)
            return None
        try:
            kept = json.loads(text)
            answer = kept["answer"]
            whole = isinstance(answer, dict) and kept["sha256"] == _digest(answer)
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            log.warning("%s is damaged: computed again", path)
            return None
        return dict(answer)

    def put(self, key: str, answer: Answer) -> None:
        """Keep `answer` under `key`. Raises ValueError where it cannot be written or is not JSON."""
        path = self.path(key)
        text = json.dumps({"sha256": _digest(answer), "answer": answer}, allow_nan=False)
        mine = path.with_name(f"{path.name}.{secrets.token_hex(4)}")  # others may be writing the same
        try:
            write_file(mine, text.encode())
            mine.replace(path)
        except OSError as error:
            mine.unlink(missing_ok=True)
            raise self._unusable(error) from error

    def has(self, key: str) -> bool:
        """Return whether there is a file for `key`, whole or not."""
        return self.path(key).is_file()

    def path(self, key: str) -> Path:
        """Return where the answer of `key` is kept."""
        return self.folder / f"{key}.json"

    def _unusable(self, error: OSError) -> ValueError:
        return ValueError(
            f"cannot write to the cache {self.folder}: {error.strerror or error}; choose another folder, or "
            "do without a cache"
        )


def default_folder(name: str) -> Path:
    """Return `$XDG_CACHE_HOME/wallstreetfeds/<name>`, by default in ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "wallstreetfeds" / name


# --- keys ---


def content_key(content: Any, packages: Sequence[str], *, apart_from: frozenset[str] = frozenset()) -> str:
    """Return the digest of `content`, of our code in `packages` and of the versions of NumPy and Numba.

    `content` is built of JSON's types, tuples, arrays, dataclasses and mappings. `packages` are folders or
    files of wallstreetfeds ("sim/learning"); files `apart_from` them ("experiments/report.py") decide no
    answer.
    """
    digest = hashlib.sha256()
    code = code_digest(Path(wallstreetfeds.__file__).parent, tuple(packages), apart_from)
    _feed(digest, [content, code, version("numpy"), version("numba")])
    return digest.hexdigest()


@lru_cache(maxsize=16)
def code_digest(root: Path, packages: tuple[str, ...], apart_from: frozenset[str]) -> str:
    """Return the sha-256 digest of the code in folders and files of `root`, paths and contents."""
    digest = hashlib.sha256()
    for package in packages:
        place = root / package
        inside = [path for path in place.rglob("*") if path.suffix in CODE_SUFFIXES]
        for path in sorted(inside) if place.is_dir() else [place]:
            name = path.relative_to(root).as_posix()
            if name not in apart_from:
                content = path.read_bytes()
                digest.update(f"{name}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def _digest(answer: Answer) -> str:
    text = json.dumps(answer, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _feed(digest: Any, content: Any) -> None:
    """Feed `content` so that no two different ones feed the same bytes: kinds and lengths come first."""
    if isinstance(content, np.ndarray):
        array = np.ascontiguousarray(content)
        digest.update(f"array:{array.dtype.str}:{array.shape}:".encode())
        digest.update(array.tobytes())
    elif is_dataclass(content) and not isinstance(content, type):
        _feed(digest, type(content).__qualname__)
        _feed(digest, {field.name: getattr(content, field.name) for field in fields(content)})
    elif isinstance(content, Mapping):
        digest.update(f"map:{len(content)}:".encode())
        for name in sorted(content):
            _feed(digest, name)
            _feed(digest, content[name])
    elif isinstance(content, list | tuple):
        digest.update(f"list:{len(content)}:".encode())
        for item in content:
            _feed(digest, item)
    else:
        text = json.dumps(content)
        digest.update(f"json:{len(text)}:{text}".encode())
