"""The chain SDK: contract functions as methods of the same name, on any EVM node or the embedded one."""

from .audit import Conservation, audit
from .bound import Receipt
from .contracts import ClientToken, Clock, Numeraire, Orchestrator, Pool, Scenario
from .deploy import deploy_numeraire, deploy_platform
from .errors import (
    ArtifactsError,
    ChainError,
    ContractError,
    DevelopmentOnlyError,
    FundsError,
    NodeError,
    OutOfGasError,
    SettlementError,
    WrongChainError,
)
from .events import read_events
from .session import Session
from .settlement import ChainSettlement, OpenedRound
from .terms import Terms
from .transactions import Stats

__all__ = [
    "ArtifactsError",
    "ChainError",
    "ChainSettlement",
    "ClientToken",
    "Clock",
    "Conservation",
    "ContractError",
    "DevelopmentOnlyError",
    "FundsError",
    "NodeError",
    "Numeraire",
    "OpenedRound",
    "Orchestrator",
    "OutOfGasError",
    "Pool",
    "Receipt",
    "Scenario",
    "Session",
    "SettlementError",
    "Stats",
    "Terms",
    "WrongChainError",
    "audit",
    "deploy_numeraire",
    "deploy_platform",
    "read_events",
]
