"""The peers' published contracts: read from their npm packages where they are installed, never copied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

FOLDER: Final = Path("benchmarks", "peers", "node_modules")
"""Where `make install-bench` puts the packages, in the checkout."""

BALANCER: Final = Path("@balancer-labs", "v2-deployments", "dist", "tasks")
UNISWAP: Final = Path("@uniswap")


class PeersMissingError(Exception):
    """The peers' packages are not installed."""

    def __init__(self) -> None:
        super().__init__("the peers' contracts are not installed: run make install-bench")


@dataclass(frozen=True, slots=True)
class Build:
    """A contract as its authors compiled it: ABI (JSON), init code in hex, and where libraries go into it.

    `links` has, by the library's name, the bytes of the init code at which its 20-byte address starts.
    """

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: str = field(repr=False)
    links: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def init_code(self, libraries: Mapping[str, str]) -> bytes:
        """Return the init code with the addresses of its libraries.  Raises KeyError for one not given."""
        code = self.bytecode.removeprefix("0x")
        for library, places in self.links.items():
            address = libraries[library].removeprefix("0x").lower()
            for place in places:
                code = code[: 2 * place] + address + code[2 * place + 40 :]
        return bytes.fromhex(code)


@dataclass(frozen=True, slots=True)
class Packages:
    """A folder of npm packages (a node_modules)."""

    folder: Path

    @classmethod
    def find(cls) -> Self:
        """Return the packages that `make install-bench` installed in this checkout.

        Raises PeersMissingError.
        """
        for parent in Path(__file__).resolve().parents:
            if (parent / FOLDER / BALANCER).is_dir() and (parent / FOLDER / UNISWAP).is_dir():
                return cls(parent / FOLDER)
        raise PeersMissingError

    def uniswap(self, package: str, name: str) -> Build:
        """Return a contract of "v2-core" or "v2-periphery".  Raises PeersMissingError."""
        content = self._json(UNISWAP / package / "build" / f"{name}.json")
        return Build(name, tuple(content["abi"]), content["evm"]["bytecode"]["object"])

    def balancer(self, task: str, name: str) -> Build:
        """Return a contract of one of Balancer V2's deployment tasks.  Raises PeersMissingError."""
        content = self._json(BALANCER / task / "artifact" / f"{name}.json")
        links = {
            library: tuple(place["start"] for place in places)
            for libraries in content["linkReferences"].values()
            for library, places in libraries.items()
        }
        return Build(name, tuple(content["abi"]), content["bytecode"], links)

    def _json(self, path: Path) -> Any:
        try:
            return json.loads((self.folder / path).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise PeersMissingError from None
