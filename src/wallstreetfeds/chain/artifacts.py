"""Compiled contracts: ABI and bytecode, shipped beside the sources."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from wallstreetfeds.chain.errors import ArtifactsError


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract: ABI (JSON), init code, that of its ERC-5202 blueprint, bytes when deployed."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    blueprint_bytecode: bytes
    runtime_bytes: int


@cache
def artifact(name: str) -> Artifact:
    """Return the artifact of a deployable contract ("Scenario").  Raises ArtifactsError if there is none."""
    path = files("wallstreetfeds") / "contracts" / "artifacts" / f"{name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ArtifactsError(f"the contract {name} is not compiled: run `make contracts`") from None
    return Artifact(
        name=name,
        abi=tuple(content["abi"]),
        bytecode=bytes.fromhex(content["bytecode"].removeprefix("0x")),
        blueprint_bytecode=bytes.fromhex(content["blueprint_bytecode"].removeprefix("0x")),
        runtime_bytes=content["runtime_bytes"],
    )
