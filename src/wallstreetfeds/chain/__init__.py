"""The chain SDK: every contract function as a method of the same name, on any EVM node or the embedded one."""

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
from .session import Session, Stats
from .terms import Terms

__all__ = [
    "ArtifactsError",
    "ChainError",
    "ClientToken",
    "Clock",
    "ContractError",
    "DevelopmentOnlyError",
    "FundsError",
    "NodeError",
    "Numeraire",
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
    "deploy_numeraire",
    "deploy_platform",
]
