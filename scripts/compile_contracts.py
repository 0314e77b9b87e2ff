"""Compile every deployable contract into `contracts/artifacts/NAME.json` (ABI, bytecode, compiler).

The wheel build calls this as a hatch hook, so a wheel always ships artifacts made from the sources beside
them; `make contracts` calls it by hand.  A file whose name starts with a capital letter and ends in `.vy` is
deployable; lower-case ones are modules and have no artifact.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTRACTS = Path(__file__).resolve().parent.parent / "src" / "wallstreetfeds" / "contracts"


def compile_contract(path: Path) -> dict[str, Any]:
    """Return the artifact of the contract at `path`: name, compiler, abi, bytecode and blueprint bytecode."""
    import vyper
    from vyper.compiler import compile_from_file_input
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.settings import OptimizationLevel, Settings

    bundle = FilesystemInputBundle([path.parent])
    output = compile_from_file_input(
        bundle.load_file(path.name),
        output_formats=["abi", "bytecode", "bytecode_runtime", "blueprint_bytecode"],
        input_bundle=bundle,
        settings=Settings(optimize=OptimizationLevel.GAS, evm_version="cancun"),
    )
    return {
        "name": path.stem,
        "compiler": f"vyper {vyper.__version__}",
        "runtime_bytes": len(output["bytecode_runtime"]) // 2 - 1,
        "abi": output["abi"],
        "bytecode": output["bytecode"],
        "blueprint_bytecode": output["blueprint_bytecode"],
    }


def compile_all() -> None:
    """Compile every deployable contract; the artifact of a contract that is gone is deleted.

    Every file is replaced whole, so that who reads meanwhile finds the old one or the new one.
    """
    artifacts = CONTRACTS / "artifacts"
    artifacts.mkdir(exist_ok=True)
    names = set()
    for path in sorted(CONTRACTS.glob("[A-Z]*.vy")):
        artifact = compile_contract(path)
        target = artifacts / f"{path.stem}.json"
        temporary = target.with_suffix(".tmp")
        temporary.write_text(json.dumps(artifact, indent=1) + "\n")
        temporary.replace(target)
        names.add(target.name)
        print(f"{path.stem:16} {artifact['runtime_bytes']:>6} B")
    for old in artifacts.glob("*.json"):
        if old.name not in names:
            old.unlink()


class CompileContracts(BuildHookInterface[Any]):
    """Hatch hook: compile before the wheel (or the editable install) is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile; hatch calls this once per build."""
        compile_all()


if __name__ == "__main__":
    compile_all()
