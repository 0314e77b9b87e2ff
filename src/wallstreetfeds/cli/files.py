"""Files a person asked for: the folder is checked before the work, all files are there whole or none is."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from wallstreetfeds.cli.errors import Failure


def prepare_folder(folder: Path) -> None:
    """Create `folder` if need be and make sure that a file can be written there; raises Failure."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Failure(
            f"cannot write to {folder}: {error.strerror or error}", "Choose another folder with --out."
        ) from error


def write_whole(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into `folder` by name: all by temporary file and fsync, then all renamed.

    Raises Failure.  A failure or an interruption before the last byte is on disk leaves the folder as it
    was; the renames themselves are not interrupted.
    """
    temporary = {name: folder / f".{name}.{os.getpid()}.tmp" for name in contents}
    path = folder
    try:
        for name, content in contents.items():
            path = folder / name
            if path.is_dir():
                raise IsADirectoryError(0, "there is a folder of that name")
            with temporary[name].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        with _uninterrupted():
            for name in contents:
                path = folder / name
                temporary[name].replace(path)
    except OSError as error:
        raise Failure(
            f"cannot write {path}: {error.strerror or error}",
            "Make room or choose another folder with --out.",
        ) from error
    finally:
        for left in temporary.values():
            left.unlink(missing_ok=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Pass over Ctrl-C for the moment it takes; it only ever reaches the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
