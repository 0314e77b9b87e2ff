"""Files a person asked for: the folder is checked before the work, a file is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
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


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` by a temporary file, fsync and rename.

    Raises Failure, and leaves no half file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise Failure(
            f"cannot write {path}: {error.strerror or error}",
            "Make room or choose another folder with --out.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
